// Charts, drawn by Chart.js in the page's own colours.
/* global Chart */
import { el, clock } from './dom.js';
import { show as money, position } from './money.js';

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Colours of named series, and the one of "all others". */
const SERIES = ['--series-1', '--series-2', '--series-3', '--series-4', '--series-5'];
const OTHERS = '--series-others';

/**
 * Stacked bars over windows of time.
 * `draw({starts, series: [{name, key, amounts, others}], currency, window, label})`: `starts` are instants, `amounts`
 * decimal strings, one per start. A series keeps its place and colour by its `key` while it is shown, however the
 * ranking changes.
 */
export class SpendChart {
  constructor() {
    this.canvas = el('canvas', { role: 'img' });
    this.element = el('div', { class: 'chart' }, this.canvas);
    this.slots = new Map();
    this.scheme = matchMedia('(prefers-color-scheme: dark)');
    this.redraw = () => this.last && this.draw(this.last, true);
    this.scheme.addEventListener('change', this.redraw);
  }

  draw(data, inNewColours = false) {
    this.last = data;
    const slots = this.assignSlots(data.series);
    this.canvas.setAttribute('aria-label', data.label);
    const labels = data.starts.map((start) => this.tick(start, data.window));
    const inOrder = [...data.series].sort((a, b) => slots.get(a) - slots.get(b));
    const datasets = inOrder.map((series) => ({
      label: series.name,
      data: series.amounts.map(position),
      amounts: series.amounts,
      backgroundColor: colour(series.others ? OTHERS : SERIES[slots.get(series) % SERIES.length]),
      borderWidth: 0,
      borderRadius: 1,
      barPercentage: 1,
      categoryPercentage: 0.84,
    }));
    if (!this.chart || inNewColours) {
      this.chart?.destroy();
      this.chart = new Chart(this.canvas, { type: 'bar', data: { labels, datasets }, options: this.options() });
    } else {
      this.chart.data.labels = labels;
      this.chart.data.datasets = datasets;
      this.chart.options.plugins.legend.display = datasets.length > 1;
      this.chart.update('none');
    }
  }

  assignSlots(series) {
    const keys = series.map((each) => each.key ?? each.name);
    const kept = new Map([...this.slots].filter(([key]) => keys.includes(key)));
    const taken = new Set(kept.values());
    for (const key of keys) {
      if (kept.has(key)) continue;
      let slot = 0;
      while (taken.has(slot)) slot++;
      taken.add(slot);
      kept.set(key, slot);
    }
    this.slots = kept;
    return new Map(series.map((each, index) => [each, each.others ? Infinity : kept.get(keys[index])]));
  }

  options() {
    const ink = colour('--muted');
    const grid = colour('--line');
    const font = { family: getComputedStyle(document.body).fontFamily, size: 11 };
    return {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      interaction: { mode: 'index', intersect: false },
      scales: {
        x: { stacked: true, grid: { display: false }, border: { color: grid }, ticks: { color: ink, font, maxRotation: 0, autoSkipPadding: 24 } },
        y: {
          stacked: true, beginAtZero: true, grid: { color: grid }, border: { display: false },
          ticks: { color: ink, font, maxTicksLimit: 5, callback: (value) => money(value.toFixed(6), this.last.currency) },
        },
      },
      plugins: {
        legend: {
          display: this.last.series.length > 1, position: 'bottom', align: 'start',
          labels: { color: ink, font: { ...font, size: 12 }, boxWidth: 10, boxHeight: 10, padding: 14 },
        },
        tooltip: {
          itemSort: (a, b) => b.raw - a.raw,
          filter: (item) => item.raw !== 0,
          callbacks: { label: (item) => ` ${item.dataset.label}: ${money(item.dataset.amounts[item.dataIndex], this.last.currency)}` },
        },
      },
    };
  }

  tick(start, window) {
    if (window === '1d') return new Date(start).toLocaleDateString([], { month: 'short', day: 'numeric', timeZone: 'UTC' });
    return clock(start, false);
  }

  close() {
    this.scheme.removeEventListener('change', this.redraw);
    this.chart?.destroy();
  }
}

const LENGTH = { '1m': 60_000, '1h': 3_600_000, '1d': 86_400_000 };

/** The starts of the last `windows` windows, oldest first; the last one is still being filled. */
export function lastStarts(window, windows, now = Date.now()) {
  const length = LENGTH[window];
  const last = Math.floor(now / length) * length;
  return Array.from({ length: windows }, (_, index) => last - (windows - 1 - index) * length);
}

/** The cost in each window of `starts`, zero where nothing was booked. */
export function amounts(series, starts) {
  const costs = new Map(series.cells.map((cell) => [Date.parse(cell.start), cell.cost]));
  return starts.map((start) => costs.get(start) ?? '0');
}
