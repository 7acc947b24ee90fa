// The store's tables, as SQL. Events are the truth; hold, system and queue rows are projections written in the same
// transaction; bodies are sealed bytes that this layer cannot read. docs/formats/journal.md describes what is stable.
// Columns beside `text` exist to be searched: `journal verify` compares each with the text that the chain covers.

/** `HOLD` as a big-endian integer: tells our file from anybody else's SQLite file. */
export const applicationId = 0x484f4c44;
export const schemaVersion = 1;

export const schema = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE event (
  seq INTEGER PRIMARY KEY,
  text TEXT NOT NULL,
  leaf TEXT NOT NULL,
  chain TEXT NOT NULL,
  kind TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  action_id TEXT,
  hold_id TEXT,
  agent TEXT
) STRICT;
CREATE INDEX event_kind ON event (kind, seq);
CREATE INDEX event_at ON event (at_ms);
CREATE INDEX event_action ON event (action_id, seq) WHERE action_id IS NOT NULL;
CREATE INDEX event_hold ON event (hold_id, seq) WHERE hold_id IS NOT NULL;
CREATE INDEX event_agent ON event (agent, seq) WHERE agent IS NOT NULL;
CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, note TEXT NOT NULL, peaks TEXT NOT NULL) STRICT;
CREATE TABLE hold (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  value TEXT NOT NULL,
  retry_key TEXT NOT NULL,
  state TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  open INTEGER NOT NULL
) STRICT;
CREATE INDEX hold_retry ON hold (retry_key, at_ms, id);
CREATE INDEX hold_at ON hold (at_ms, id);
CREATE INDEX hold_state ON hold (state, at_ms, id);
CREATE INDEX hold_open ON hold (at_ms, id) WHERE open = 1;
CREATE TABLE system (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE queue (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE body (id TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
PRAGMA application_id = ${applicationId};
PRAGMA user_version = ${schemaVersion};
`;
