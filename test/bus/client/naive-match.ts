/** Whether a topic matches a pattern, written down a second time from its definition. */
export function naiveMatch(pattern: string, topic: string): boolean {
  const [wanted = [], given = []] = [pattern.split("."), topic.split(".")];
  for (let at = 0; ; at++) {
    if (wanted[at] === "#") return true;
    if (at === wanted.length || at === given.length) return wanted.length === given.length;
    if (wanted[at] !== "*" && wanted[at] !== given[at]) return false;
  }
}
