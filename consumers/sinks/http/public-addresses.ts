import { BlockList, isIP } from "node:net";

/**
 * IPv4 ranges that are not the public internet: IANA's special-purpose registry, multicast and
 * reserved space, and the one public address under which a cloud (Azure) serves its metadata. The
 * others' metadata addresses lie in link-local, shared (100.64/10) and protocol (192.0.0/24) space.
 */
const closed4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.31.196.0", 24],
  ["192.52.193.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["192.175.48.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];

/** IPv6 gives out 2000::/3 only: loopback, ULA, link-local, mapped IPv4 and NAT64 lie outside of it. */
const open6: readonly [string, number] = ["2000::", 3];

/** What is special inside 2000::/3; 6to4 and Teredo carry an IPv4 address inside. */
const closed6: readonly (readonly [string, number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["2620:4f:8000::", 48],
  ["3fff::", 20],
];

const closed = new BlockList();
for (const [net, prefix] of closed4) closed.addSubnet(net, prefix, "ipv4");
for (const [net, prefix] of closed6) closed.addSubnet(net, prefix, "ipv6");
const global6 = new BlockList();
global6.addSubnet(...open6, "ipv6");

/** Whether `address` is one of the public internet. False for what is no address. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !closed.check(address, "ipv4");
    case 6:
      return global6.check(address, "ipv6") && !closed.check(address, "ipv6");
    default:
      return false;
  }
}
