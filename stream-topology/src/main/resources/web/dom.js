// The only place where elements are made. Text becomes a text node, never markup: names in spans are written by agents.

/** An element with attributes and children; `null` children are left out, strings become text. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'onclick' || name === 'onchange') element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Replaces what a container shows; the keyboard focus stays on the element with the same `data-key`. */
export function show(container, ...children) {
  const focused = container.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  container.replaceChildren(...children.flat().filter((child) => child !== null));
  if (focused) {
    [...container.querySelectorAll('[data-key]')].find((element) => element.dataset.key === focused)?.focus();
  }
}

export function link(href, text, attributes = {}) {
  return el('a', { href, 'data-key': `${href} ${text}`, ...attributes }, text);
}

/** The page of one value of a dimension. */
export function valueHref(dimension, tenant, value) {
  return `#/costs/${[dimension, tenant, value].map(encodeURIComponent).join('/')}`;
}

export function runHref(rootRunId) {
  return `#/run/${encodeURIComponent(rootRunId)}`;
}

/** A bar whose length is a share of 0 to 1; the figure beside it says the same, so it is not read out. */
export function bar(share) {
  const fill = el('span', { class: 'fill' });
  fill.style.width = `${Math.max(0, Math.min(1, share || 0)) * 100}%`;
  return el('span', { class: 'track', 'aria-hidden': 'true' }, fill);
}

export function card(title, ...content) {
  return el('section', { class: 'card', 'aria-label': title }, el('h2', {}, title), ...content);
}

export function figure(label, value, note = '', tone = null) {
  return el('div', { class: 'figure', 'data-tone': tone },
    el('dt', {}, label), el('dd', {}, value), note ? el('dd', { class: 'note' }, note) : null);
}

export function count(number) {
  return number.toLocaleString();
}

export function clock(instant, withSeconds = true) {
  return new Date(instant).toLocaleTimeString([], {
    hour: '2-digit', minute: '2-digit', second: withSeconds ? '2-digit' : undefined, hourCycle: 'h23',
  });
}

/** How long ago, roughly: "4 s", "12 min", "3 h", "2 d". */
export function age(instant, now = Date.now()) {
  if (!instant) return 'never';
  return duration(now - new Date(instant));
}

export function duration(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129_600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** A table cell with the full instant on hover. */
export function agoCell(instant, attributes = {}) {
  return el('td', attributes, el('time', { datetime: instant, title: instant }, instant ? `${age(instant)} ago` : 'never'));
}

/** A table in a frame that scrolls sideways by itself. `columns`: [{title, class}]. */
export function table(caption, columns, rows) {
  return el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    el('table', {},
      el('caption', { class: 'unseen' }, caption),
      el('thead', {}, el('tr', {}, columns.map((column) => el('th', { scope: 'col', class: column.class }, column.title)))),
      el('tbody', {}, rows)));
}

export function empty(text) {
  return el('p', { class: 'empty' }, text);
}
