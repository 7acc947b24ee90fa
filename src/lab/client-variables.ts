// The environment that points an agent's clients at the gateway: proxy, trust and placeholder, under every name that
// curl, git, wget, Python, Node, Deno, Go, Rust, AWS and Google clients look for. Most of these replace the trust store,
// so the bundle holds the system's roots as well. Variables are advice: an agent can unset them (posture `advised`).

export interface ClientVariablesOptions {
  /** `http://agent:token@127.0.0.1:port` */
  readonly proxyUrl: string;
  readonly bundleFile: string;
  readonly wgetrc: string;
  /** Further names, e.g. RAILWAY_TOKEN and its placeholder. */
  readonly placeholders: Readonly<Record<string, string>>;
}

/** Agents must reach their own development servers without the proxy. */
const direct = 'localhost,127.0.0.1,::1';

const proxyNames = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'];
const bundleNames = [
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'AWS_CA_BUNDLE',
  'GIT_SSL_CAINFO',
  'PIP_CERT',
  'npm_config_cafile',
  'CARGO_HTTP_CAINFO',
  'DENO_CERT',
  'CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE',
  'GRPC_DEFAULT_SSL_ROOTS_FILE_PATH',
];

export function clientVariables(options: ClientVariablesOptions): Readonly<Record<string, string>> {
  return {
    ...Object.fromEntries(proxyNames.map((name) => [name, options.proxyUrl])),
    NO_PROXY: direct,
    no_proxy: direct,
    NODE_USE_ENV_PROXY: '1',
    ...Object.fromEntries(bundleNames.map((name) => [name, options.bundleFile])),
    WGETRC: options.wgetrc,
    ...options.placeholders,
  };
}

/** A file for `. file` in any POSIX shell. */
export function shellExports(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`)
    .join('');
}
