// What a scenario needs of a gateway: start it around the fake with some layers enforced, let the agent's processes
// through it, let a human deny, read what it wrote down, end it. The real one is composed from gateway/compose.ts; the
// runner knows this port only, so that it can be tried with a double and never reaches past what an operator could do.

/** The layers of the incident's table. `--only x` enforces x and switches the others off. */
export const layers = ['grants', 'environment', 'stray', 'hold', 'delay'] as const;
export type Layer = (typeof layers)[number];

export interface LabGatewayOptions {
  /** Policy in the words of the configuration file. */
  readonly policy: string;
  readonly enforced: readonly Layer[];
  /** Every governed name of the lab is reached here instead; 127.0.0.1 only, trusted by this CA alone. */
  readonly upstream: { readonly hosts: readonly string[]; readonly port: number; readonly caPem: string };
  /** Real secrets by credential id, as the policy names them. They open nothing but the fake. */
  readonly credentials: Readonly<Record<string, string>>;
  /** The secret of the resolver's own reader. */
  readonly reader: string;
  /** What the human had asked the agent to do. */
  readonly asked: string;
}

export interface LabHold {
  readonly id: string;
  /** ACTION, ENVIRONMENT and WARNING, as the hold begins wherever it is shown. */
  readonly lines: readonly string[];
}

/** One action that did not pass, from the journal: which layer said so, and the reason's code. */
export interface LabStop {
  readonly layer: Layer;
  readonly code: string;
}

export interface LabGateway {
  /** `http://agent:token@127.0.0.1:port`: what goes into https_proxy. */
  readonly proxyUrl: string;
  readonly agentToken: string;
  /** File that the agent's clients trust. */
  readonly caBundlePath: string;
  /** By credential id. */
  readonly placeholders: Readonly<Record<string, string>>;
  readonly posture: string;
  openHolds(): Promise<readonly LabHold[]>;
  deny(holdId: string): Promise<void>;
  /** Resolves when nothing is on its way any more but holds that wait for a human; at most after maxMs. */
  quiet(maxMs: number): Promise<void>;
  stops(): Promise<readonly LabStop[]>;
  /** The journal as `journal tail` prints it, masked. */
  journalLines(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export type StartLabGateway = (options: LabGatewayOptions) => Promise<LabGateway>;
