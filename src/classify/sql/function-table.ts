// PostgreSQL functions that do more than compute: what a SELECT can hide. Patterns over the function's own name; a
// name that is known to be harmless makes a proven read, any other name an assumed one.

import type { Aspect, Effect } from '../../action/effect.ts';

export interface FunctionRule {
  readonly names: RegExp;
  readonly effect: Effect;
  readonly says: string;
  readonly aspects?: readonly Aspect[];
}

/** First match wins. */
export const functionRules: readonly FunctionRule[] = [
  {
    names: /^lo_(unlink|truncate|put|from_bytea|create|creat|import|export|open)|^lowrite$|^lo_truncate64$/,
    effect: 'destructive',
    says: 'changes or removes large objects',
  },
  { names: /^pg_(terminate|cancel)_backend$/, effect: 'destructive', says: 'ends other sessions' },
  { names: /^pg_stat_(\w+_)?reset|^pg_stat_statements_reset$/, effect: 'destructive', says: 'discards statistics' },
  {
    names: /^(pg_read_(binary_)?file|pg_ls_\w+|pg_stat_file|pg_file_\w+|pg_logdir_ls|pg_current_logfile)$/,
    effect: 'destructive',
    says: 'reaches files of the server',
    aspects: ['exposes-secrets'],
  },
  {
    names:
      /^pg_(reload_conf|rotate_logfile|promote|switch_wal|create_restore_point|backup_(start|stop)|start_backup|stop_backup|wal_replay_\w+|drop_replication_slot|create_\w*replication_slot|copy_\w*replication_slot|replication_\w+|logical_\w+|sync_replication_slots|import_system_collations|restore_\w+_stats|clear_\w+_stats|nextoid|set_\w+|log_\w+)$/,
    effect: 'destructive',
    says: 'administers the server',
  },
  { names: /^dblink(_\w+)?$/, effect: 'destructive', says: 'runs SQL on another server', aspects: ['runs-code'] },
  {
    names: /^(schedule|schedule_in_database|unschedule|alter_job|add_job|run_job|delete_job)$/,
    effect: 'destructive',
    says: 'schedules SQL for later, or ends such a schedule',
    aspects: ['runs-code'],
  },
  {
    names:
      /^(query_to_xml\w*|cursor_to_xml\w*|database_to_xml\w*|schema_to_xml\w*|table_to_xml\w*|ts_rewrite|ts_stat|crosstab\w*|connectby|exec_sql|execute_sql|run_sql|execute|exec|eval|plpgsql_\w+|http(_\w+)?|brin_summarize_\w+|gin_clean_pending_list|xpath_table)$/,
    effect: 'destructive',
    says: 'runs text that is given to it',
    aspects: ['runs-code'],
  },
  {
    names:
      /(^|_)(delete|drop|truncate|purge|wipe|remove|destroy|erase|reset|clear|cleanup|prune|flush|kill|revoke)(_|$|s$)|^drop_chunks$/,
    effect: 'destructive',
    says: 'has a name that says it destroys',
  },
  {
    names: /^(nextval|setval|pg_notify|pg_advisory_\w+|pg_try_advisory_\w+|txid_current|pg_current_xact_id)$/,
    effect: 'write',
    says: 'changes state of the session or a sequence',
  },
];

const harmless = new Set(
  `abs age array_agg array_append array_cat array_length array_position array_remove array_replace array_to_json
  array_to_string ascii avg bit_length bool_and bool_or btrim cardinality ceil ceiling char_length character_length chr
  coalesce concat concat_ws convert_from convert_to corr count cume_dist current_catalog current_database current_date
  current_schema current_schemas current_setting current_timestamp current_user currval date date_bin date_part
  date_trunc decode dense_rank div encode every exp extract first_value floor format format_type gen_random_uuid
  generate_series generate_subscripts greatest has_table_privilege inet_server_addr initcap is_jsonb json_agg
  json_array_elements json_array_elements_text json_array_length json_build_array json_build_object json_each
  json_each_text json_extract_path json_extract_path_text json_object json_object_agg json_object_keys json_populate_record
  json_strip_nulls json_to_record json_to_recordset json_typeof jsonb_agg jsonb_array_elements jsonb_array_elements_text
  jsonb_array_length jsonb_build_array jsonb_build_object jsonb_each jsonb_each_text jsonb_extract_path
  jsonb_extract_path_text jsonb_insert jsonb_object_agg jsonb_object_keys jsonb_path_exists jsonb_path_query
  jsonb_path_query_array jsonb_path_query_first jsonb_pretty jsonb_set jsonb_strip_nulls jsonb_to_record
  jsonb_to_recordset jsonb_typeof justify_days lag last_value lead least left length like ln localtime localtimestamp
  log lower lpad ltrim make_date make_interval make_timestamp max md5 min mod mode now nth_value ntile nullif
  obj_description octet_length overlaps overlay percent_rank percentile_cont percentile_disc pg_backend_pid
  pg_column_size pg_database_size pg_get_constraintdef pg_get_expr pg_get_functiondef pg_get_indexdef pg_get_userbyid
  pg_get_viewdef pg_indexes_size pg_is_in_recovery pg_postmaster_start_time pg_relation_size pg_size_pretty
  pg_table_is_visible pg_table_size pg_total_relation_size pg_typeof phraseto_tsquery plainto_tsquery position power
  quote_ident quote_literal quote_nullable random rank regexp_count regexp_match regexp_matches regexp_replace
  regexp_split_to_array regexp_split_to_table repeat replace reverse right round row_number row_to_json rpad rtrim
  session_user sign similarity split_part sqrt starts_with statement_timestamp stddev string_agg string_to_array
  string_to_table strpos substr substring sum to_char to_date to_json to_jsonb to_number to_regclass to_timestamp
  to_tsquery to_tsvector translate transaction_timestamp trim trunc ts_headline ts_rank ts_rank_cd unnest upper uuidv7
  var_pop variance version width_bucket websearch_to_tsquery word_similarity xmlagg col_description shobj_description
  pg_sleep pg_encoding_to_char has_schema_privilege has_database_privilege clock_timestamp timezone timeofday`.split(
    /\s+/,
  ),
);

export function isHarmlessFunction(name: string): boolean {
  return harmless.has(name);
}
