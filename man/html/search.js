// SPDX-License-Identifier: MIT
// Searches the manual in the browser alone, also in files without a server. search-index.js has `sections`: for each
// section and each name the link, the name of the page, the heading and the text.
'use strict';

const most = 50;

function wordsOf(query)
{
    return query.toLowerCase().split(/\s+/).filter((word) => word !== '');
}

// Returns how well a section fits: 0 if it lacks a word; names count more than headings, and headings more than text.
function weight([, name, heading, text], words)
{
    const title = name.toLowerCase();
    const bare = title.replace(/\(.*/, '');
    let sum = 0;
    for (const word of words) {
        if (bare === word) sum += 100;
        else if (title.includes(word)) sum += 20;
        else if (heading.toLowerCase().includes(word)) sum += 5;
        else if (text.toLowerCase().includes(word)) sum += 1;
        else return 0;
    }
    return sum;
}

// Returns the sections that have all words, best first.
function find(query)
{
    const words = wordsOf(query);
    if (words.length === 0) return [];
    return sections.map((section) => ({section, sum: weight(section, words)}))
        .filter(({sum}) => sum > 0)
        .sort((left, right) => right.sum - left.sum)
        .map(({section}) => section);
}

// Returns the part of the text around the first of the words.
function excerpt(text, words)
{
    const lower = text.toLowerCase();
    const places = words.map((word) => lower.indexOf(word)).filter((at) => at >= 0);
    const from = Math.max(0, Math.min(...places, text.length) - 60);
    const begin = from === 0 || places.length === 0 ? 0 : text.indexOf(' ', from) + 1;
    const rest = text.slice(begin);
    const shown = rest.length > 180 ? rest.slice(0, 180).replace(/\S*$/, '…') : rest;
    return (begin > 0 ? '… ' : '') + shown;
}

function show(query)
{
    const found = find(query);
    const words = wordsOf(query);
    const results = document.getElementById('results');
    results.replaceChildren(...found.slice(0, most).map(([link, name, heading, text]) => {
        const anchor = document.createElement('a');
        anchor.href = link;
        anchor.textContent = heading === '' ? name : `${name}: ${heading}`;
        const about = document.createElement('p');
        about.textContent = excerpt(text, words);
        const item = document.createElement('li');
        item.append(anchor, about);
        return item;
    }));
    const more = found.length > most ? `, the best ${most} of them are below` : '';
    document.getElementById('count').textContent = words.length === 0 ? '' : `${found.length} found${more}`;
}

if (typeof document !== 'undefined') {
    const input = document.querySelector('nav input');
    input.value = new URLSearchParams(location.search).get('q') ?? '';
    input.addEventListener('input', () => show(input.value));
    input.focus();
    show(input.value);
}
