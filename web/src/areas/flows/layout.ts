import { graphlib, layout } from "@dagrejs/dagre";

import type { Model } from "@/api/client";

export type Outline = Model<"FlowOutline">;
export type Step = Model<"FlowStep">;

export const NODE = { width: 196, height: 74 };

/** Ways from one step to another, drawn as one line. */
export interface Line {
  from: string;
  to: string;
  ways: string[];
}

export interface Point {
  x: number;
  y: number;
}

/** Where steps stand (their upper left corner), and the bends and the label of each line. */
export interface Placed {
  steps: Map<string, Point>;
  lines: Map<string, { bends: Point[]; label: Point }>;
}

export const keyOf = (line: Line) => `${line.from}>${line.to}`;

/** Lines of the graph; ways to steps that do not exist are left out. */
export function linesOf(outline: Outline): Line[] {
  const names = new Set(outline.steps.map((step) => step.name));
  const lines = new Map<string, Line>();
  for (const step of outline.steps) {
    for (const { way, to } of step.ways) {
      if (way === "flow" || !names.has(to)) continue;
      const line = lines.get(`${step.name}>${to}`);
      if (line) line.ways.push(way);
      else lines.set(`${step.name}>${to}`, { from: step.name, to, ways: [way] });
    }
  }
  return [...lines.values()];
}

/** Room that a label takes: Chinese is twice as wide as Latin. */
function roomFor(label: string): number {
  return [...label].reduce((sum, sign) => sum + (sign > "\u2e80" ? 11.5 : 6.2), label ? 34 : 22);
}

/** Left to right as the caller goes, no step on another, lines round the steps between. */
export function placed(outline: Outline, labelOf: (line: Line) => string, scale = 1): Placed {
  const graph = new graphlib.Graph();
  const size = { width: NODE.width * scale, height: NODE.height * scale };
  graph.setGraph({ rankdir: "LR", nodesep: 16, edgesep: 10, ranksep: 36 * scale, marginx: 8, marginy: 8 });
  for (const step of outline.steps) graph.setNode(step.name, { ...size });
  const lines = linesOf(outline);
  for (const line of lines.filter(({ from, to }) => from !== to)) {
    graph.setEdge(line.from, line.to, { width: roomFor(labelOf(line)) * scale, height: 14 * scale, labelpos: "c" });
  }
  layout(graph);
  const found: Placed = { steps: new Map(), lines: new Map() };
  for (const { name } of outline.steps) {
    const { x = 0, y = 0 } = graph.node(name) as Partial<Point>;
    found.steps.set(name, { x: x - size.width / 2, y: y - size.height / 2 });
  }
  for (const line of lines) {
    const edge = graph.edge(line.from, line.to) as { points?: Point[]; x?: number; y?: number } | undefined;
    if (edge?.points) found.lines.set(keyOf(line), { bends: edge.points.slice(1, -1), label: { x: edge.x ?? 0, y: edge.y ?? 0 } });
  }
  return found;
}

/** An SVG path through these points, rounded at each bend. */
export function rounded(points: Point[]): string {
  const [first, ...rest] = points;
  if (!first || !rest.length) return "";
  const last = rest[rest.length - 1] as Point;
  const parts = [`M${first.x},${first.y}`];
  rest.slice(0, -1).forEach((bend, at) => {
    const next = rest[at + 1] as Point;
    const isLast = at === rest.length - 2;
    const to = isLast ? last : { x: (bend.x + next.x) / 2, y: (bend.y + next.y) / 2 };
    parts.push(`Q${bend.x},${bend.y} ${to.x},${to.y}`);
  });
  if (rest.length === 1) parts.push(`L${last.x},${last.y}`);
  return parts.join(" ");
}
