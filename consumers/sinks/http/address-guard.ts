import { lookup as systemLookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { FedbusError } from "../../../schemas/errors.js";
import type { Rule } from "../../plugin/option-rules.js";
import { isPublicAddress } from "./public-addresses.js";

/** A name or address, or a network in CIDR notation. */
export const hostOrNetwork: Rule = (value) => {
  if (typeof value !== "string" || !/^[\w.:-]+(?:\/\d{1,3})?$/.test(value))
    return "must be a host name, an IP address, or a network such as 10.0.0.0/8";
  const [net = "", prefix] = value.split("/");
  if (prefix === undefined) return undefined;
  const bits = isIP(net) === 4 ? 32 : isIP(net) === 6 ? 128 : -1;
  return Number(prefix) <= bits ? undefined : "must be a network such as 10.0.0.0/8 or fd00::/8";
};

export interface AddressGuardOptions {
  /** Hosts and networks that may be reached although they are not public. Default: none. */
  readonly allow?: readonly string[];
  /** Whether plain http may be used. Default: false. */
  readonly allowHttp?: boolean;
  /** Resolves names. Default: the system's resolver. */
  readonly lookup?: LookupFunction;
}

/**
 * Keeps requests away from what only this machine or network can reach (server-side request forgery).
 * Names are judged by the addresses that the connection is then made to, all of them, so a name that
 * changes its address between check and use gains nothing. DESTINATION_FORBIDDEN for what is kept out.
 */
export class AddressGuard {
  readonly #names = new Set<string>();
  readonly #networks = new BlockList();
  readonly #allowHttp: boolean;
  readonly #resolve: LookupFunction;

  constructor(options: AddressGuardOptions = {}) {
    this.#allowHttp = options.allowHttp ?? false;
    this.#resolve = options.lookup ?? (systemLookup as LookupFunction);
    for (const item of options.allow ?? []) this.#allow(item);
  }

  /** Checks all that can be known of `url` before a name is resolved. */
  check(url: URL): void {
    if (url.protocol !== "https:" && !(url.protocol === "http:" && this.#allowHttp))
      throw forbidden(
        `${url.protocol}// is not allowed, only https:// (\`allowHttp\` allows http://)`,
        url.hostname,
      );
    const host = hostOf(url);
    // A connection to a literal address asks no resolver, so the hook below never sees it.
    if (isIP(host) !== 0 && !this.#mayReach(host)) throw notPublic(host, host);
  }

  /** The hook that sockets resolve names with. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    this.#resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, "");
      const addresses = Array.isArray(found) ? found : [];
      const [first] = addresses;
      if (first === undefined) return callback(noAddress(hostname), "");
      const bad = this.#names.has(plain(hostname))
        ? undefined
        : addresses.find(({ address }) => !this.#mayReach(address));
      if (bad !== undefined) return callback(notPublic(hostname, bad.address), "");
      if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };

  #allow(item: string): void {
    const [net = "", prefix] = item.split("/");
    const family = isIP(net);
    if (family === 0) this.#names.add(plain(item));
    else {
      const type = family === 4 ? "ipv4" : "ipv6";
      this.#networks.addSubnet(net, Number(prefix ?? (family === 4 ? 32 : 128)), type);
    }
  }

  #mayReach(address: string): boolean {
    const family = isIP(address);
    if (family === 0) return false;
    return (
      isPublicAddress(address) || this.#networks.check(address, family === 4 ? "ipv4" : "ipv6")
    );
  }
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1");
}

/** A name as it is compared. */
function plain(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}

function noAddress(host: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${host} has no address`), { code: "ENOTFOUND" });
}

function notPublic(host: string, address: string): FedbusError {
  const which = host === address ? host : `${host} is at ${address}, which`;
  return forbidden(`${which} is not on the public internet; \`allow\` can name it`, host, address);
}

function forbidden(message: string, host: string, address?: string): FedbusError {
  return new FedbusError("DESTINATION_FORBIDDEN", message, {
    details: { host, ...(address !== undefined && { address }) },
  });
}
