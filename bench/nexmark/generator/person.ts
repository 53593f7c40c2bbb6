import { first, lastPerson } from "./ids.js";
import type { JavaRandom } from "./java-random.js";
import type { Source } from "./source.js";

/** Somebody who has registered. */
export interface Person {
  readonly id: number;
  readonly name: string;
  readonly emailAddress: string;
  readonly creditCard: string;
  readonly city: string;
  readonly state: string;
  /** ms since 1970. */
  readonly dateTime: number;
  readonly extra: string;
}

const firstNames = "Peter,Paul,Luke,John,Saul,Vicky,Kate,Julie,Sarah,Deiter,Walter".split(",");
const lastNames = "Shultz,Abrams,Spencer,White,Bartels,Walton,Smith,Jones,Noris".split(",");
const cities =
  "Phoenix,Los Angeles,San Francisco,Boise,Portland,Bend,Redmond,Seattle,Kent,Cheyenne".split(",");
const states = "AZ,CA,ID,OR,WA,WY".split(",");

/** The person that is event `eventId`. The order of the draws is part of the benchmark. */
export function makePerson(
  { random, text, options }: Source,
  eventId: number,
  dateTime: number,
): Person {
  const name = `${oneOf(firstNames, random)} ${oneOf(lastNames, random)}`;
  const emailAddress = `${text.words(7)}@${text.words(5)}.com`;
  const creditCard = makeCreditCard(random);
  const city = oneOf(cities, random);
  const state = oneOf(states, random);
  const bytes =
    8 + name.length + emailAddress.length + creditCard.length + city.length + state.length;
  const extra = text.filler(bytes, options.avgPersonByteSize);
  const id = first.person + lastPerson(eventId);
  return { id, name, emailAddress, creditCard, city, state, dateTime, extra };
}

function makeCreditCard(random: JavaRandom): string {
  return `${fourDigits(random)} ${fourDigits(random)} ${fourDigits(random)} ${fourDigits(random)}`;
}

function fourDigits(random: JavaRandom): string {
  return String(random.nextInt(10_000)).padStart(4, "0");
}

function oneOf(list: readonly string[], random: JavaRandom): string {
  return list[random.nextInt(list.length)]!;
}
