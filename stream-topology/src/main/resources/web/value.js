// The page of one value of a dimension, such as one agent: its spend by minute, hour or day.
import * as api from './api.js';
import { el, show, card, figure, table, bar, count, link, empty } from './dom.js';
import { show as money, sum, position } from './money.js';
import { SpendChart, lastStarts, amounts } from './charts.js';
import { episodeList } from './episodes.js';

const RANGES = {
  '1m': { name: 'Last hour', windows: 60, from: '-60m', per: 'minute' },
  '1h': { name: 'Last 24 hours', windows: 24, from: '-24h', per: 'hour' },
  '1d': { name: 'Last 30 days', windows: 30, from: '-30d', per: 'day (UTC)' },
};
const LISTED_WINDOWS = 12;

export class ValuePage {
  window = '1m';

  constructor(root, dimension, tenant, value) {
    Object.assign(this, { dimension, tenant, value, title: value });
    this.figures = el('dl', { class: 'figures' });
    this.chart = new SpendChart();
    this.heading = el('h2');
    this.cells = el('div');
    this.episodes = el('div');
    this.ranges = el('div', { class: 'ranges', role: 'group', 'aria-label': 'Range' });
    this.showRanges();
    show(root,
      el('nav', { class: 'crumbs', 'aria-label': 'Where you are' }, link('#/', 'Overview'), ' / ', dimension),
      el('div', { class: 'headline' }, el('h1', {}, value), el('p', { class: 'sub' }, `${dimension} of tenant ${tenant}`), this.ranges),
      this.figures,
      el('section', { class: 'card', 'aria-label': 'Spend over time' }, this.heading, this.chart.element),
      el('div', { class: 'split even' },
        card('Newest windows', this.cells),
        card('Open episodes', this.episodes)));
  }

  async poll() {
    const window = this.window;
    const range = RANGES[window];
    const [answer, open] = await Promise.all([
      api.costs(this.dimension, this.tenant, this.value, window, range.from), api.episodes(100)]);
    if (window !== this.window) return [];
    const { cells, currency } = answer;
    const starts = lastStarts(window, range.windows);
    const all = (field) => cells.reduce((sofar, cell) => sofar + cell[field], 0);
    const cost = sum(cells.map((cell) => cell.cost));
    this.heading.textContent = `Spend per ${range.per}`;
    this.chart.draw({
      starts, series: [{ name: this.value, amounts: amounts(answer, starts) }], currency, window,
      label: `Spend of ${this.value} per ${range.per}, ${range.name.toLowerCase()}: ${money(cost, currency)} in all.`,
    });
    show(this.figures,
      figure('Cost', money(cost, currency), range.name.toLowerCase()),
      figure('Spans', count(all('spans')), `${count(all('llmCalls'))} model calls`),
      figure('Tool calls', count(all('toolCalls')), `${count(all('errors'))} errors`, all('errors') > 0 ? 'warn' : null),
      figure('Tokens', count(all('tokens')), ''),
      figure('Unpriced spans', count(all('unpricedSpans')), `bound ${money(sum(cells.map((cell) => cell.unpricedBound)), currency)}`, all('unpricedSpans') > 0 ? 'warn' : null));
    this.showCells(cells, currency);
    const mine = open.episodes.filter((episode) => episode.targetType === this.dimension && episode.target === this.value && episode.tenant === this.tenant);
    show(this.episodes, episodeList(mine, currency));
    return [answer.staleness, open.staleness];
  }

  showRanges() {
    show(this.ranges, Object.entries(RANGES).map(([window, range]) => el('button', {
      type: 'button', 'data-key': window, 'aria-pressed': String(window === this.window),
      onclick: () => { this.window = window; this.showRanges(); this.poll().catch(() => {}); },
    }, range.name)));
  }

  showCells(cells, currency) {
    if (cells.length === 0) return show(this.cells, empty('Nothing was booked in this range.'));
    const newest = cells.slice(-LISTED_WINDOWS).reverse();
    const most = Math.max(...newest.map((cell) => position(cell.cost)));
    show(this.cells, table('Newest windows', [
      { title: 'From' }, { title: 'Cost', class: 'number' }, { title: 'Share', class: 'bar-column wide' }, { title: 'Spans', class: 'number' }, { title: 'Tools', class: 'number' }, { title: 'Tokens', class: 'number wide' }],
    newest.map((cell) => el('tr', {},
      el('th', { scope: 'row' }, el('time', { datetime: cell.start, title: cell.start }, this.chart.tick(cell.start, this.window))),
      el('td', { class: 'number strong' }, money(cell.cost, currency)),
      el('td', { class: 'bar-column wide' }, bar(position(cell.cost) / most)),
      el('td', { class: 'number' }, count(cell.spans)),
      el('td', { class: 'number' }, count(cell.toolCalls)),
      el('td', { class: 'number wide' }, count(cell.tokens))))));
  }

  close() {
    this.chart.close();
  }
}
