import { describe, expect, it } from 'vitest';
import { JsonTree, isFoldable, shownNodes } from './json-tree';

const grow = (...pieces: string[]) => {
  const tree = new JsonTree();
  pieces.forEach((piece) => tree.push(piece));
  tree.finish();
  return tree.nodes;
};

const picture = (nodes: ReturnType<typeof grow>) =>
  nodes.map((node) => {
    const name = node.key ?? (node.position === null ? '' : String(node.position));
    const value = node.text || `${node.kind}(${node.children})`;
    return `${'  '.repeat(node.depth)}${name}=${value}`;
  });

const TEXT = '{"temp": 31.50, "big": 9007199254740993, "tags": ["a", {"b": null}], "none": {}}';

describe('the JSON tree', () => {
  it('has a node for each value, with the text that was sent', () => {
    expect(picture(grow(TEXT))).toEqual([
      '=object(4)',
      '  temp=31.50',
      '  big=9007199254740993',
      '  tags=array(2)',
      '    0="a"',
      '    1=object(1)',
      '      b=null',
      '  none=object(0)',
    ]);
  });

  it('grows the same tree from pieces of any size', () => {
    const whole = grow(TEXT);
    for (const size of [1, 2, 3, 7, 11]) {
      const pieces = TEXT.match(new RegExp(`.{1,${size}}`, 'g')) ?? [];
      expect(grow(...pieces)).toEqual(whole);
    }
  });

  it('takes a lone value', () => {
    expect(picture(grow('12', '7.0'))).toEqual(['=127.0']);
  });

  it('folds containers and what is inside them', () => {
    const nodes = grow(TEXT);
    expect(shownNodes(nodes, new Set())).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(shownNodes(nodes, new Set([3]))).toEqual([0, 1, 2, 3, 7]);
    expect(shownNodes(nodes, new Set([0, 3]))).toEqual([0]);
    expect(nodes.map(isFoldable)).toEqual([true, false, false, true, false, true, false, false]);
  });

  it('folds a container whose end has not been loaded', () => {
    const nodes = grow('{"a": [1, 2, 3');
    expect(shownNodes(nodes, new Set([1]))).toEqual([0, 1]);
  });
});
