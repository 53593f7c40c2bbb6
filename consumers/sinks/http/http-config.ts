import {
  flagMember,
  type Member,
  mapMember,
  textMember,
  textsMember,
  wholeMember,
} from "../config-member.js";
import { type HttpOptions, httpDefaults } from "./http-options.js";

/** The members of a configuration that every destination over HTTP has. */
export const httpMembers: Readonly<Record<keyof HttpOptions, Member>> = {
  url: textMember("where to post to"),
  headers: mapMember("further headers, such as authorization"),
  allow: textsMember("hosts, addresses and networks to reach although they are not public"),
  allowHttp: flagMember("whether plain http may be used", false),
  ca: textMember("certificates to trust instead of the system's, PEM"),
  timeoutMs: wholeMember("for one attempt, its answer included", httpDefaults.timeoutMs),
  attemptsMax: wholeMember("attempts in one delivery", httpDefaults.attemptsMax),
  delayMs: wholeMember("bound of the first wait between attempts", httpDefaults.delayMs),
  delayMsMax: wholeMember("bound of any wait between attempts", httpDefaults.delayMsMax),
  retryAfterMsMax: wholeMember("the longest Retry-After obeyed", httpDefaults.retryAfterMsMax),
  answerBytesMax: wholeMember("how much of an answer is read", httpDefaults.answerBytesMax),
};
