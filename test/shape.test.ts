import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {amount, bounded, branded, count, either, list, number, object, oneOf, text} from '../src/shape.ts';

describe('an object of a shape', () => {
  const shape = object({name: text, age: count}, {nick: text});

  test('has all that is required, may have what is optional, and nothing else', () => {
    expect(shape({name: 'lena', age: 7})).toBe(true);
    expect(shape({name: 'lena', age: 7, nick: 'l'})).toBe(true);
    expect(shape({name: 'lena'})).toBe(false);
    expect(shape({name: 'lena', age: 7, more: 1})).toBe(false);
    expect(shape({name: 'lena', age: 7, nick: undefined})).toBe(false);
    expect(shape(JSON.parse('{"name": "lena", "age": 7, "__proto__": {}}'))).toBe(false);
    expect(object({})(JSON.parse('{"constructor": 1}'))).toBe(false);
  });

  test('is an object, and one whose members are its own', () => {
    for (const other of [null, undefined, 'lena', 7, [], ['lena', 7], Object.create({name: 'lena', age: 7})])
      expect(shape(other)).toBe(false);
  });
});

const taken = (value: unknown) => [number, amount, count].map((shape) => shape(value));

test('numbers are finite; amounts are not below zero; counts are whole and exact', () => {
  expect(taken(3)).toEqual([true, true, true]);
  expect(taken(0.5)).toEqual([true, true, false]);
  expect(taken(-1)).toEqual([true, false, false]);
  expect(taken(2 ** 53)).toEqual([true, true, false]);
  for (const other of [NaN, Infinity, '3', null, undefined]) expect(taken(other)).toEqual([false, false, false]);
});

test('lists and texts have their bounds', () => {
  expect(list(text, 1, 2)([])).toBe(false);
  expect(list(text, 1, 2)(['a', 'b'])).toBe(true);
  expect(list(text, 1, 2)(['a', 'b', 'c'])).toBe(false);
  expect(list(text)(['a', 1])).toBe(false);
  expect(bounded(1, 3)('')).toBe(false);
  expect(bounded(1, 3)('abc')).toBe(true);
  expect(bounded(1, 3)('abcd')).toBe(false);
});

test('one of several, either of two, what a parser takes', () => {
  expect(oneOf('a', 'b')('b')).toBe(true);
  expect(oneOf('a', 'b')('c')).toBe(false);
  expect(either(text, count)(1)).toBe(true);
  expect(either(text, count)(true)).toBe(false);
  const even = branded((value: string) => (value.length % 2 === 0 ? value : undefined));
  expect(even('ab')).toBe(true);
  expect(even('a')).toBe(false);
  expect(even(2)).toBe(false);
});

test('no value of any kind makes a shape throw', () => {
  const deep = object({a: list(object({b: either(text, count)}, {c: oneOf('x')}))}, {d: bounded(0, 5)});
  fc.assert(fc.property(fc.anything({withNullPrototype: true}), (value) => typeof deep(value) === 'boolean'));
});
