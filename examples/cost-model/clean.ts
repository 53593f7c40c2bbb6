// Takes from a charge of a FOCUS export what the model needs, and drops rows that came before, or that cost nobody knows what.
import { counted, deduplicate, filter, map, pipe, to, transform } from "fedbus/consumers";

const weekMs = 7 * 86_400_000;

/** The columns of FOCUS 1.0 that are used: all texts, and `NULL` where there is nothing. */
interface Row {
  readonly BilledCost: string;
  readonly Id: string;
  readonly ResourceId: string;
  readonly ServiceCategory: string;
  readonly SubAccountName: string;
  readonly Tags: string;
}

/** Who paid how much for what. */
export interface Charge {
  /** When it began, ms since 1970. */
  readonly at: number;
  readonly team: string;
  readonly service: string;
  readonly resource: string | null;
  /** In US dollars; credits are below zero. */
  readonly cost: number;
}

export default transform({
  name: "cost-clean",
  version: "1.0",
  topics: ["cloud.charge"],
  handle: pipe(
    counted("delivered before", deduplicate({ by: "msg.Id", withinMs: weekMs })),
    counted(
      "no cost",
      filter(({ msg }) => /\d/.test((msg as Row).BilledCost)),
    ),
    map(({ event, msg }): Charge => {
      const { BilledCost, ResourceId, ServiceCategory, SubAccountName, Tags } = msg as Row;
      return {
        at: event.timestamp,
        team: teamIn(Tags) ?? given(SubAccountName) ?? "unallocated",
        service: ServiceCategory,
        resource: given(ResourceId),
        cost: Number(BilledCost),
      };
    }),
    to("cloud.cost"),
  ),
});

/** Tags are JSON in a text; the account's name has to do where they name no team. */
function teamIn(tags: string): string | null {
  if (tags === "NULL" || tags === "") return null;
  const { business_unit } = JSON.parse(tags) as { readonly business_unit?: string };
  return business_unit ?? null;
}

function given(text: string): string | null {
  return text === "NULL" || text === "" ? null : text;
}
