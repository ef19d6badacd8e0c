// Charts: the declared figures as a picture, in the tokens' colours, drawn anew when colours or size change.
//
// The figures stand in the page as JSON and as a table; without this script the table is what there is. The
// library draws on a canvas and keeps its hints there too: pages carry no inline style.

const TOKENS = ["ink", "ink-2", "ink-3", "line", "line-strong", "raised", "warn", "chart-1", "chart-2", "chart-3", "chart-4", "chart-5"];
const INKS = ["chart-1", "chart-2", "chart-3", "chart-4", "chart-5"];
const DASHES = ["solid", "dashed", "dotted", "solid", "dashed"];
const SIGNS = ["circle", "rect", "triangle", "diamond", "roundRect"];

// light-dark() is settled only where a colour is used
function colours(near) {
  const probe = near.appendChild(document.createElement("i"));
  const found = {};
  for (const name of TOKENS) {
    probe.style.color = `var(--jw-${name})`;
    found[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return found;
}

function option(given, ink, font, small) {
  const words = { color: ink["ink-2"], fontFamily: font.fontFamily, fontSize: small };
  const line = given.kind === "line";
  const promise = given.promise && {
    silent: true,
    symbol: "none",
    lineStyle: { color: ink.warn, type: "dashed" },
    label: { formatter: `${given.promise.title} ${given.promise.value}`, color: ink.warn, fontFamily: font.fontFamily, fontSize: small, position: "insideStartTop" },
    data: [{ yAxis: given.promise.value }],
  };
  return {
    animation: false,
    textStyle: words,
    grid: { left: 8, right: 16, top: given.series.length > 1 ? 34 : 20, bottom: 6, containLabel: true },
    legend: given.series.length > 1 ? { top: 0, left: 0, textStyle: words, icon: "roundRect", itemWidth: 14, itemHeight: 10 } : undefined,
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      backgroundColor: ink.raised,
      borderColor: ink["line-strong"],
      textStyle: { ...words, color: ink.ink },
      valueFormatter: (value) => (value == null ? "–" : `${value.toLocaleString()} ${given.unit}`),
    },
    xAxis: { type: "category", data: given.labels, axisLine: { lineStyle: { color: ink["line-strong"] } }, axisTick: { show: false }, axisLabel: words },
    yAxis: { type: "value", min: given.floor ?? undefined, axisLabel: words, splitLine: { lineStyle: { color: ink.line } } },
    series: given.series.map((one, at) => ({
      name: one.title,
      type: given.kind,
      data: one.values,
      stack: given.stacked ? "all" : undefined,
      barMaxWidth: 36,
      color: ink[INKS[at]],
      lineStyle: line ? { width: 2, type: DASHES[at] } : undefined,
      symbol: SIGNS[at],
      symbolSize: 6,
      label: { show: !line && given.series.length === 1 && given.labels.length <= 16, position: "top", ...words },
      markLine: at === 0 && promise ? promise : undefined,
    })),
  };
}

function draw(place) {
  const given = JSON.parse(place.parentElement.querySelector('script[type="application/json"]').textContent);
  const font = getComputedStyle(place);
  const chart = echarts.getInstanceByDom(place) ?? echarts.init(place, null, { renderer: "canvas" });
  chart.setOption(option(given, colours(place.parentElement), font, parseFloat(font.fontSize)), true);
  place.dataset.drawn = "true";
}

export function drawAll(within = document) {
  for (const place of within.querySelectorAll("[data-chart]")) {
    if (place.hidden) {
      place.hidden = false;
      place.parentElement.querySelector("details.jw-as-table").open = false;
      new ResizeObserver(() => echarts.getInstanceByDom(place)?.resize()).observe(place);
    }
    draw(place);
  }
}

drawAll();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll());
document.addEventListener("htmx:afterSettle", (event) => drawAll(event.target));
