import { goNumber, Histogram, MetricFamily, pythonNumber, renderPage } from './exposition';

describe('numbers', () => {
  it.each([
    [0, '0.0'],
    [1, '1.0'],
    [271025, '271025.0'],
    [1006916, '1.006916e+06'],
    [4535345152, '4.535345152e+09'],
    [19392065536, '1.9392065536e+010'],
    [1795265370.2485354, '1.7952653702485354e+09'],
    [0.064, '0.064'],
    [0.00005, '5e-05'],
    [Infinity, '+Inf'],
    [NaN, 'NaN'],
  ])('Python writes %d as %s', (value, text) => expect(pythonNumber(value)).toBe(text));

  it.each([
    [0, '0'],
    [524288, '524288'],
    [1048576, '1.048576e+06'],
    [0.09, '0.09'],
    [0.000037, '3.7e-05'],
    [Infinity, '+Inf'],
  ])('Go writes %d as %s', (value, text) => expect(goNumber(value)).toBe(text));
});

describe('pages', () => {
  it('puts a value on a bound into that bucket and counts cumulatively', () => {
    const histogram = new Histogram([1, 2]);
    for (const value of [0.5, 1, 1.5, 3]) histogram.observe(value);
    expect([...histogram.counts]).toEqual([2, 1, 1]);
    expect([histogram.count, histogram.sum]).toEqual([4, 6]);
  });

  it('escapes label values and sorts labels, `le` among them for Python and last for Go', () => {
    const family = new MetricFamily({ name: 'x', type: 'histogram', help: 'h' }, [1]);
    family.child({ z: 'a"b\\c\nd', a: '1' }).observe(0.5);
    expect(renderPage([family], 'python')).toContain('x_bucket{a="1",le="1.0",z="a\\"b\\\\c\\nd"} 1.0\n');
    expect(renderPage([family], 'go')).toContain('x_bucket{a="1",z="a\\"b\\\\c\\nd",le="1"} 1\n');
  });
});
