// The first page: spend over the last hour, agents, open episodes, dearest tools, models and teams.
import * as api from './api.js';
import { el, show, card, figure, table, agoCell, link, valueHref, bar, count, empty } from './dom.js';
import { show as money, sum, toPico, fromPico, position } from './money.js';
import { SpendChart, lastStarts, amounts } from './charts.js';
import { episodeList } from './episodes.js';

const MINUTES = 60;
const CHARTED_AGENTS = 5;
const CHARTED_TENANTS = 12;
const LISTED_AGENTS = 25;
const RANKED = ['tool', 'model', 'team'];
const RANKED_TITLES = { tool: 'Tools', model: 'Models', team: 'Teams' };

export class Overview {
  title = 'Spend';
  tenant = null;

  constructor(root) {
    this.figures = el('dl', { class: 'figures' });
    this.tenants = el('select', { id: 'tenant', onchange: () => { this.tenant = this.tenants.value || null; this.poll().catch(() => {}); } });
    this.tenantChoice = el('p', { class: 'choice', hidden: true }, el('label', { for: 'tenant' }, 'Tenant'), this.tenants);
    this.chart = new SpendChart();
    this.episodes = el('div');
    this.agents = el('div');
    this.ranked = Object.fromEntries(RANKED.map((dimension) => [dimension, el('div')]));
    show(root,
      el('div', { class: 'headline' }, el('h1', {}, 'Agent spend'), this.tenantChoice),
      this.figures,
      el('div', { class: 'split' },
        card('Spend per minute, last hour', this.chart.element),
        card('Open episodes', this.episodes)),
      card('Agents', this.agents),
      el('div', { class: 'thirds' }, RANKED.map((dimension) => card(`${RANKED_TITLES[dimension]} today`, this.ranked[dimension]))));
  }

  async poll() {
    const tenant = this.tenant;
    const [tenantsToday, tenantsHour, day, hour, open, ...ranked] = await Promise.all([
      api.top('tenant', 'day', null, CHARTED_TENANTS),
      api.top('tenant', 'hour', null, CHARTED_TENANTS),
      api.top('agent', 'day', tenant, LISTED_AGENTS),
      api.top('agent', 'hour', tenant, LISTED_AGENTS),
      api.episodes(50),
      ...RANKED.map((dimension) => api.top(dimension, 'day', tenant, 8)),
    ]);
    const charted = this.mostSpending(hour.values, day.values);
    const tenants = tenantsToday.values.map((entry) => entry.value).filter((name) => !tenant || name === tenant);
    const [totals, series] = await Promise.all([
      Promise.all(tenants.map((name) => api.costs('tenant', name, name, '1m', `-${MINUTES}m`))),
      Promise.all(charted.map((agent) => api.costs('agent', agent.tenant, agent.value, '1m', `-${MINUTES}m`))),
    ]);
    if (tenant !== this.tenant) return []; // The choice changed meanwhile; the newer answer is on its way.
    const currency = day.currency;
    const ofTenant = (entry) => !tenant || entry.tenant === tenant || entry.value === tenant;
    const episodes = open.episodes.filter((episode) => !tenant || episode.tenant === tenant);
    this.showTenants(tenantsToday.values.map((entry) => entry.value));
    this.showFigures(tenantsToday.values.filter(ofTenant), tenantsHour.values.filter(ofTenant), episodes, currency);
    this.drawChart(totals, series, charted, currency);
    show(this.episodes, episodeList(episodes, currency));
    this.showAgents(day.values, hour.values, episodes, currency);
    RANKED.forEach((dimension, index) => this.showRanked(dimension, ranked[index].values, currency));
    return [day, hour, open, ...ranked, ...totals, ...series].map((answer) => answer.staleness);
  }

  /** Those of this hour first; at the start of an hour the day fills the places. */
  mostSpending(hour, day) {
    const seen = new Map();
    for (const agent of [...hour, ...day]) {
      const key = keyOf(agent);
      if (seen.size < CHARTED_AGENTS && !seen.has(key)) seen.set(key, agent);
    }
    return [...seen.values()];
  }

  showTenants(names) {
    this.tenantChoice.hidden = names.length < 2;
    const shown = [...this.tenants.options].map((option) => option.value).slice(1);
    if (shown.join('\n') !== names.join('\n') && document.activeElement !== this.tenants) {
      show(this.tenants, el('option', { value: '' }, 'All tenants'),
        names.map((name) => el('option', { value: name, selected: name === this.tenant }, name)));
    }
  }

  showFigures(today, hour, episodes, currency) {
    const stops = episodes.filter((episode) => ['PAUSE', 'KILL'].includes(episode.rung));
    const unpriced = today.reduce((total, entry) => total + toPico(entry.unpricedBound), 0n);
    show(this.figures,
      figure('Today', money(sum(today.map((entry) => entry.cost)), currency), unpriced > 0n ? `up to ${money(fromPico(unpriced), currency)} more unpriced` : 'everything is priced', unpriced > 0n ? 'warn' : null),
      figure('This hour', money(sum(hour.map((entry) => entry.cost)), currency), `${count(total(hour, 'spans'))} spans`),
      figure('Open episodes', count(episodes.length), `${count(stops.length)} stopped`, stops.length > 0 ? 'bad' : null),
      figure('Spent after stop', money(sum(episodes.map((episode) => episode.spendAfter)), currency), 'open episodes'));
  }

  drawChart(totals, series, charted, currency) {
    const starts = lastStarts('1m', MINUTES);
    const perTenant = totals.map((answer) => amounts(answer, starts));
    const perAgent = series.map((answer) => amounts(answer, starts));
    const all = starts.map((_, index) => sum(perTenant.map((tenant) => tenant[index])));
    const others = starts.map((_, index) => {
      const rest = toPico(all[index]) - perAgent.reduce((known, agent) => known + toPico(agent[index]), 0n);
      return rest > 0n ? fromPico(rest) : '0';
    });
    const shown = charted.map((agent, index) => ({ name: agent.value, key: keyOf(agent), amounts: perAgent[index] }));
    if (others.some((amount) => amount !== '0')) shown.push({ name: 'all others', amounts: others, others: true });
    this.chart.draw({
      starts, series: shown, currency, window: '1m',
      label: `Spend per minute over the last hour, ${money(sum(all), currency)} in all. Dearest: ${charted.map((agent) => agent.value).join(', ')}.`,
    });
  }

  showAgents(day, hour, episodes, currency) {
    if (day.length === 0) return show(this.agents, empty('No spans yet today. Agents appear here with their first span.'));
    const thisHour = new Map(hour.map((agent) => [keyOf(agent), agent]));
    const most = Math.max(...day.map((agent) => position(agent.cost)));
    const rungs = new Map(episodes.filter((episode) => episode.targetType === 'agent').map((episode) => [`${episode.tenant}\n${episode.target}`, episode.rung]));
    show(this.agents, table('Agents by cost today', [
      { title: 'Agent' }, { title: 'Tenant', class: 'wide' }, { title: 'Today', class: 'number' }, { title: 'Share of the dearest', class: 'wide bar-column' }, { title: 'This hour', class: 'number' },
      { title: 'Spans', class: 'number wide' }, { title: 'Tool calls', class: 'number wide' }, { title: 'Last seen', class: 'number' },
    ], day.map((agent) => el('tr', { 'data-rung': rungs.get(keyOf(agent)) },
      el('th', { scope: 'row' }, link(valueHref('agent', agent.tenant, agent.value), agent.value)),
      el('td', { class: 'wide muted' }, agent.tenant),
      el('td', { class: 'number strong' }, money(agent.cost, currency), position(agent.unpricedBound) > 0 ? unpricedMark(agent, currency) : null),
      el('td', { class: 'wide bar-column' }, bar(position(agent.cost) / most)),
      el('td', { class: 'number' }, money(thisHour.get(keyOf(agent))?.cost ?? '0', currency)),
      el('td', { class: 'number wide' }, count(agent.spans)),
      el('td', { class: 'number wide' }, count(agent.toolCalls)),
      agoCell(agent.lastSeen, { class: 'number muted' })))));
  }

  showRanked(dimension, values, currency) {
    if (values.length === 0) return show(this.ranked[dimension], empty(`No ${dimension} has cost anything yet.`));
    const most = position(values[0].cost);
    show(this.ranked[dimension], el('ol', { class: 'ranked' }, values.map((entry) => el('li', {},
      link(valueHref(dimension, entry.tenant, entry.value), entry.value, { class: 'name' }),
      el('span', { class: 'number' }, money(entry.cost, currency)),
      bar(position(entry.cost) / most)))));
  }

  close() {
    this.chart.close();
  }
}

function unpricedMark(agent, currency) {
  const text = `up to ${money(agent.unpricedBound, currency)} more is unpriced`;
  return el('span', { class: 'unpriced plus', title: text }, '+', el('span', { class: 'unseen' }, ` ${text}`));
}

function keyOf(entry) {
  return `${entry.tenant}\n${entry.value}`;
}

function total(entries, field) {
  return entries.reduce((all, entry) => all + entry[field], 0);
}
