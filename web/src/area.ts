import type { Component } from "vue";
import type { RouteRecordRaw } from "vue-router";

/** Nested words of one language; each area has the same keys in both. */
export interface Words {
  [key: string]: string | Words;
}

/** An entry of the main menu. */
export interface NavEntry {
  /** Route name, defined by the same area. */
  to: string;
  /** Key of its title, e.g. "desk.title". */
  title: string;
  icon: Component;
  /** Shown only to people with this right (as `GET /api/v1/me` names them). */
  right: string;
  /** Smaller stands higher: 1x seats, 2x supervision, 3x calls, 4x flows, 5x administration. */
  order: number;
}

/**
 * One part of the product: a folder under `areas` whose index.ts exports `area`.
 * Routes carry `meta: { right: "…" }`; without it everybody who is logged in may open them;
 * `meta: { open: true }` needs no log-in, `meta: { bare: true }` is shown without menu and header.
 */
export interface Area {
  routes: RouteRecordRaw[];
  nav: NavEntry[];
  /** Stands below the header on every page, for people with this right. */
  bar?: { component: Component; right: string };
  /** Words under the area's own top-level key. */
  words: { zh: Words; en: Words };
}

const found = import.meta.glob<{ area: Area }>("./areas/*/index.ts", { eager: true });

export const areas: Area[] = Object.values(found).map((module) => module.area);
