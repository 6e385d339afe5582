import { en } from "./words.en";
import { zh } from "./words.zh";

export const words = { zh: { desk: zh }, en: { desk: en } };
