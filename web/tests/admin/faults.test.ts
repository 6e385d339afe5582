import { afterEach, expect, it } from "vitest";

import { inWords } from "@/areas/admin/faults";
import { speak } from "@/i18n";

afterEach(() => speak("zh"));

it("tells faults in the language of the page, and keeps the server's words for unknown ones", () => {
  const faults = [
    { error: "number_taken", message: "8001 已是另一坐席的号码。" },
    { error: "province", message: "routing.yaml:3: …" },
  ];
  expect(inWords(faults)).toEqual(faults);
  speak("en");
  expect(inWords(faults).map((one) => one.message)).toEqual(["This number is taken.", "routing.yaml:3: …"]);
});
