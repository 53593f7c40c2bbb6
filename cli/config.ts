import { resolve } from "node:path";
import { notTogether } from "./units.js";

export const defaultDir = "./.fedbus";

/** Where a command finds the log. */
export interface Where {
  /** Address of a hub, if one was named. */
  readonly hub?: string;
  /** Directory of the log, absolute. */
  readonly dir: string;
  /** Whether the hub was named by an option, and not by the environment. */
  readonly hubGiven: boolean;
  /** Whether the directory was named, rather than the default. */
  readonly dirGiven: boolean;
  /** The hub to use where nothing was named and the default directory is not there. */
  readonly fallback?: {
    readonly url: string;
    /** Told before it is used. */
    tell(url: string): Promise<void>;
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Options come before the environment, and `FEDBUS_HUB` before `FEDBUS_DIR`. */
export function whereFrom(
  options: { readonly hub?: string | undefined; readonly dir?: string | undefined },
  environment: Environment,
): Where {
  if (options.hub !== undefined && options.dir !== undefined)
    throw notTogether("--hub", "--dir", "name a running hub, or the directory of a log");
  const hub = options.hub ?? (options.dir === undefined ? environment.FEDBUS_HUB : undefined);
  const dir = options.dir ?? environment.FEDBUS_DIR;
  return {
    ...(hub ? { hub } : {}),
    dir: resolve(dir || defaultDir),
    hubGiven: options.hub !== undefined,
    dirGiven: Boolean(dir),
  };
}

/** `where`, for who means its directory or a hub there, and no other. */
export function withoutFallback({ fallback: _, ...where }: Where): Where {
  return where;
}

/** Whether to paint: NO_COLOR and FORCE_COLOR come before what the stream is. */
export function wantsColours(isTerminal: boolean, environment: Environment): boolean {
  if (environment.NO_COLOR) return false;
  if (environment.FORCE_COLOR) return environment.FORCE_COLOR !== "0";
  return isTerminal && environment.TERM !== "dumb";
}
