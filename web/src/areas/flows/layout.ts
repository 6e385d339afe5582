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

/** Lines of the graph; ways to steps that do not exist are left out. */
export function linesOf(outline: Outline): Line[] {
  const names = new Set(outline.steps.map((step) => step.name));
  const lines = new Map<string, Line>();
  for (const step of outline.steps) {
    for (const { way, to } of step.ways) {
      if (way === "flow" || !names.has(to)) continue;
      const key = `${step.name}>${to}`;
      const line = lines.get(key);
      if (line) line.ways.push(way);
      else lines.set(key, { from: step.name, to, ways: [way] });
    }
  }
  return [...lines.values()];
}

/** Where each step stands: left to right as the caller goes, no two on one another. */
export function placed(outline: Outline, scale = 1): Map<string, { x: number; y: number }> {
  const graph = new graphlib.Graph();
  const size = { width: NODE.width * scale, height: NODE.height * scale };
  graph.setGraph({ rankdir: "LR", nodesep: 16, ranksep: 76 * scale, ranker: "tight-tree", marginx: 8, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const step of outline.steps) graph.setNode(step.name, { ...size });
  for (const line of linesOf(outline)) if (line.from !== line.to) graph.setEdge(line.from, line.to);
  layout(graph);
  return new Map(
    outline.steps.map((step) => {
      const { x = 0, y = 0 } = graph.node(step.name) as { x?: number; y?: number };
      return [step.name, { x: x - size.width / 2, y: y - size.height / 2 }];
    }),
  );
}
