import type { Model } from "@/api/client";

export type Where = "head" | "group" | "seat";

/** Where a caller is moved to, as the API takes it. */
export function moveTo(where: Where, name: string): Model<"MoveTo"> {
  return {
    head: where === "head" ? true : null,
    group: where === "group" ? name : null,
    seat: where === "seat" ? name : null,
  };
}
