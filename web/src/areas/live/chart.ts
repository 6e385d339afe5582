import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use, type ECharts, type EChartsCoreOption } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([
  ...[BarChart, LineChart, AriaComponent, GridComponent, LegendComponent],
  ...[MarkLineComponent, TooltipComponent, CanvasRenderer],
]);

export interface Point {
  label: string;
  asked: number;
  answer_rate: number | null;
  satisfaction: number | null;
}

export interface Words {
  answer: string;
  satisfaction: string;
  asked: string;
}

/** A chart that fills this element; dispose of it when the element goes. */
export function chartIn(element: HTMLElement): ECharts {
  return init(element, null, { renderer: "canvas" });
}

const inPercent = (value: number | null): number | null =>
  value === null ? null : Math.floor(value * 1000 + 1e-9) / 10;

function rateSeries(name: string, values: (number | null)[], color: string, target?: number): object {
  const line = target && { silent: true, symbol: "none", label: { show: false }, data: [{ yAxis: target }] };
  return {
    name,
    type: "line",
    yAxisIndex: 0,
    data: values,
    connectNulls: true,
    symbolSize: 6,
    color,
    lineStyle: { width: 2 },
    ...(line ? { markLine: { ...line, lineStyle: { color, type: "dashed", width: 1 } } } : {}),
  };
}

/** Both rates as lines with the answer rate's target dashed, requests as bars behind. */
export function trendOptions(points: Point[], words: Words, look: { dark: boolean; fontSize: number }): EChartsCoreOption {
  const ink = look.dark ? "#c9d6e8" : "#5c6066";
  const faint = look.dark ? "#2c4569" : "#e6e9ee";
  const text = { color: ink, fontSize: look.fontSize };
  const rates = points.flatMap((one) => [one.answer_rate, one.satisfaction]).filter((one) => one !== null);
  const floor = Math.min(85, Math.floor(Math.min(...rates) * 10) * 10);
  return {
    aria: { enabled: true },
    animation: false,
    grid: { left: 8, right: 8, top: look.fontSize * 2.4, bottom: 4, containLabel: true },
    legend: { top: 0, right: 0, textStyle: text, itemWidth: 16, itemHeight: 8 },
    // A tooltip of HTML would need inline styles, which the pages' CSP forbids.
    tooltip: { trigger: "axis", renderMode: "richText", confine: true },
    xAxis: { type: "category", data: points.map((one) => one.label), axisLabel: text, axisTick: { show: false } },
    yAxis: [
      {
        type: "value",
        min: floor,
        max: 100,
        interval: floor < 70 ? 10 : 5,
        axisLabel: { ...text, formatter: "{value}%" },
        splitLine: { lineStyle: { color: faint } },
      },
      { type: "value", axisLabel: { ...text, show: true }, splitLine: { show: false }, minInterval: 1, splitNumber: 3 },
    ],
    series: [
      {
        name: words.asked,
        type: "bar",
        yAxisIndex: 1,
        data: points.map((one) => one.asked),
        color: look.dark ? "#2f4f7d" : "#d5deea",
        barMaxWidth: 26,
      },
      rateSeries(words.answer, points.map((one) => inPercent(one.answer_rate)), look.dark ? "#6fb1ff" : "#1a5fb4", 95),
      rateSeries(words.satisfaction, points.map((one) => inPercent(one.satisfaction)), look.dark ? "#63d18e" : "#1b7a3d"),
    ],
  };
}
