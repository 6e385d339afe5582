import { i18n } from "@/i18n";

/** The server tells faults in Chinese, with a stable id; this is what they are in English. */
const ENGLISH: Record<string, string> = {
  number_form: "3 to 6 digits.",
  number_taken: "This number is taken.",
  number_twice: "This number stands in another row too.",
  name_form: "1 to 20 letters, digits, spaces or brackets.",
  level_unknown: "Municipal or provincial.",
  city_of_provincial: "A provincial seat belongs to no city.",
  city_missing: "A municipal seat needs its city.",
  city_unknown: "There is no such city.",
  skills_empty: "At least one matter, or no call would ever come.",
  skill_unknown: "There is no such matter.",
  skill_twice: "A matter stands here twice.",
  skill_level: "Levels go from 1 to 5.",
  language_unknown: "Choose the languages that the seat speaks.",
  weight_range: "From 1 to 100.",
  shifts_many: "At most 20 shifts.",
  shift_form: "Days, and times like 08:30; a whole day is 00:00 to 24:00.",
  no_seat: "At least one seat must stay.",
  too_many: "At most 2,000 seats.",
  uncovered: "No provincial seat deals with this matter: its callers might find nobody.",
  group_name: "a-z, 0-9 and _, a letter first, at most 32.",
  group_twice: "Another matter has this code.",
  group_title: "1 to 12 letters or digits.",
  group_used: "Flows send callers there: it cannot go.",
  column_missing: "A column is missing.",
  column_unknown: "This column is neither a field nor a matter.",
  rows_many: "Too many rows.",
  no_number: "Not a whole number.",
  no_general_rule: "Hours for the whole province and all matters are needed.",
  rule_twice: "There is a line for this city and matter already.",
  span_form: "Times like 08:30-17:00; a whole day is 00:00-24:00.",
  day_unknown: "There is no such day.",
  place_unknown: "There is no such city.",
  group_unknown: "There is no such matter.",
  answer_unknown: "Choose who answers.",
  end_first: "The end must come after the beginning.",
  time_form: "A time like 2026-03-01 12:00.",
  why_missing: "Say why.",
  year_range: "There are no notices of this year.",
  source_missing: "Name the notice.",
  day_twice: "This day stands here twice.",
  day_form: "A day of this year, like 2027-01-01.",
  day_off: "This day is a day off already.",
  no_weekend: "This day is no weekend day.",
  holiday_name: "Name the holiday.",
  kind_unknown: "Day off (放假) or worked (上班).",
  prompt_unknown: "There is no such prompt.",
  wording_form: "Too long, or with signs that cannot be shown.",
  days_range: "From 1 to 180 days.",
};

/** Faults with their words in the language of the page; one without English words keeps its own. */
export function inWords<Fault extends { error: string; message: string }>(faults: Fault[]): Fault[] {
  if (i18n.global.locale.value !== "en") return faults;
  return faults.map((fault) => ({ ...fault, message: ENGLISH[fault.error] ?? fault.message }));
}
