// Totals by category, by user, and by hour of the day, as tables that can be asked at any time.
import { consumer, type Table } from "fedbus/consumers";

interface Fact {
  readonly at: number;
  readonly category: string;
  readonly user: string | null;
}

export default consumer({
  name: "fedora-totals",
  version: "1.0",
  topics: ["fedora.fact"],
  handle({ msg }, { table }) {
    const { at, category, user } = msg as Fact;
    raise(table("categories"), category);
    raise(table("hours"), String(new Date(at).getUTCHours()).padStart(2, "0"));
    if (user !== null) raise(table("users"), user);
  },
});

function raise(counts: Table, key: string): void {
  counts.put(key, ((counts.get(key) as number | undefined) ?? 0) + 1);
}
