import { ref } from "vue";

import { api, got, type Model } from "@/api/client";

export interface Item {
  code: string;
  name: string;
  category: string;
  categoryName: string;
}

export interface Taxonomy {
  items: Item[];
  byCode: Map<string, Item>;
  /** Group of the menu -> codes of likely categories. */
  groups: Record<string, string[]>;
}

/** Where the characters of `text` are that a query in pinyin means; null when it does not fit. */
export type PinyinMatch = (text: string, query: string) => number[] | null;

const taxonomy = ref<Taxonomy | null>(null);
let pinyin: PinyinMatch = () => null;
let loading: Promise<void> | null = null;

export function toTaxonomy(answer: Model<"TaxonomyAnswer">): Taxonomy {
  const items = answer.categories.flatMap((category) =>
    category.items.map((item) => ({ code: item.code, name: item.name, category: category.code, categoryName: category.name })),
  );
  return { items, byCode: new Map(items.map((item) => [item.code, item])), groups: answer.groups };
}

/** The list, asked for once; the pinyin dictionary comes in a file of its own. */
export function useTaxonomy(): typeof taxonomy {
  loading ??= Promise.all([got(api.GET("/api/v1/taxonomy")), import("pinyin-pro")])
    .then(([answer, { match }]) => {
      pinyin = match;
      taxonomy.value = toTaxonomy(answer);
    })
    .catch(() => {
      loading = null;
    });
  return taxonomy;
}

/** How well an item fits a query: smaller is better, null not at all. */
function rank(item: Item, query: string, match: PinyinMatch): number | null {
  if (item.code.startsWith(query)) return 0;
  const at = item.name.indexOf(query);
  if (at >= 0) return 1 + at / 100;
  const found = match(item.name, query);
  if (found?.length) {
    const gaps = (found.at(-1) ?? 0) - (found[0] ?? 0) + 1 - found.length;
    return 2 + gaps + (found[0] ?? 0) / 100;
  }
  if (item.categoryName.includes(query)) return 20;
  const ofCategory = match(item.categoryName, query);
  if (!ofCategory?.length) return null;
  return 21 + (ofCategory.at(-1) ?? 0) - (ofCategory[0] ?? 0) + 1 - ofCategory.length;
}

/** Items that a query means: code, characters, whole pinyin, initials or a mix; best first. */
export function search(list: Taxonomy, query: string, limit = 40, match: PinyinMatch = pinyin): Item[] {
  const wanted = query.trim().toLowerCase();
  if (!wanted) return [];
  const ranked: [number, Item][] = [];
  for (const item of list.items) {
    const how = rank(item, wanted, match);
    if (how !== null) ranked.push([how, item]);
  }
  return ranked
    .sort(([one], [other]) => one - other)
    .slice(0, limit)
    .map(([, item]) => item);
}

/** What callers of this group mostly ask about: shown before anything is typed. */
export function likely(list: Taxonomy, group: string | null | undefined): Item[] {
  const categories = new Set(list.groups[group ?? ""] ?? []);
  return categories.size ? list.items.filter((item) => categories.has(item.category)) : list.items;
}
