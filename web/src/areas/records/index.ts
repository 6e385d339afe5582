import type { Area } from "@/area";

import { words } from "./words";

/** Words of the record and the screen pop: the desk shows them, and the page of one call. */
export const area: Area = { routes: [], nav: [], words };
