//! Plots the rows of a run as SVG: each cost against the connections, both axes logarithmic, a line per server through
//! the medians of its turns. Light or dark, like the reader's page.

use crate::{
    growth::{METRICS, Metric, series, servers},
    row::Row,
};

const WIDTH: f64 = 1080.0;
const HEIGHT: f64 = 450.0;
/// The plot area of a panel, without labels.
const PANEL_WIDTH: f64 = 280.0;
const PANEL_HEIGHT: f64 = 270.0;
/// The left edge of the first panel, and the distance to the next ones.
const LEFT: f64 = 60.0;
const TOP: f64 = 120.0;
const STEP: f64 = 355.0;
/// Entries of the legend in a line.
const LEGEND_STEP: f64 = 262.0;
const LEGEND_LINE: usize = 4;
const LEGEND_HEIGHT: f64 = 28.0;

const STYLE: &str = "
  text { font: 13px system-ui, sans-serif; fill: var(--text) }
  .title { font-weight: 600 }
  .paper { fill: var(--paper) }
  .grid { stroke: var(--grid) }
  .line { fill: none; stroke: currentColor; stroke-width: 1.6 }
  .mark { fill: var(--paper); stroke: currentColor; stroke-width: 1.6 }
  .s0 .line { stroke-width: 3.2 }
  .s0 .mark { fill: currentColor }
  .s1 .line { stroke-dasharray: 6 4 }
  svg { --paper: #ffffff; --text: #1f2328; --grid: #d8dce2 }
  .s0, .s1 { color: #1a56db } .s2 { color: #c2410c } .s3 { color: #15803d }
  .s4 { color: #7c3aed } .s5 { color: #8a6100 } .s6 { color: #be185d }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #0d1117; --text: #e6edf3; --grid: #30363d }
    .s0, .s1 { color: #7aa7ff } .s2 { color: #fb923c } .s3 { color: #4ade80 }
    .s4 { color: #c4a2fc } .s5 { color: #eab308 } .s6 { color: #f472b6 }
  }
";

/// One axis: its range of values and of positions.
struct Axis {
    low: f64,
    high: f64,
    /// The position of `low`, and the distance to `high`.
    origin: f64,
    length: f64,
}

impl Axis {
    fn at(&self, value: f64) -> f64 {
        self.origin + self.length * (value / self.low).ln() / (self.high / self.low).ln()
    }
}

/// Plots all measurements.
pub(crate) fn draw(rows: &[Row]) -> String {
    let panels = METRICS.iter().enumerate().map(|(index, metric)| panel(rows, *metric, LEFT + STEP * index as f64));
    let panels: String = panels.collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"\
         What a connection and a delivery cost each server\">\n<style>{STYLE}</style>\n\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>\n{}{panels}</svg>\n",
        legend(rows)
    )
}

fn legend(rows: &[Row]) -> String {
    let entry = |(index, server): (usize, &str)| {
        let x = LEFT + LEGEND_STEP * (index % LEGEND_LINE) as f64;
        let y = LEGEND_HEIGHT * (index / LEGEND_LINE + 1) as f64;
        let (line, mark) = (format!("M{x} {y}h28"), mark(index, x + 14.0, y));
        let text = format!("<text x=\"{}\" y=\"{}\">{server}</text>", x + 36.0, y + 4.5);
        format!("<g class=\"s{index}\"><path class=\"line\" d=\"{line}\"/>{mark}{text}</g>\n")
    };
    servers(rows).into_iter().enumerate().map(entry).collect()
}

fn panel(rows: &[Row], metric: Metric, left: f64) -> String {
    let all: Vec<(usize, f64)> = servers(rows).iter().flat_map(|server| series(rows, server, metric)).collect();
    let values = || all.iter().map(|(_, value)| *value);
    let sizes = || all.iter().map(|(size, _)| *size as f64);
    let (Some((low, high)), Some((few, many))) = (bounds(values()), bounds(sizes())) else { return String::new() };
    let x = Axis { low: few / 1.2, high: many * 1.2, origin: left, length: PANEL_WIDTH };
    let y = Axis { low: low / 1.2, high: high * 1.2, origin: TOP + PANEL_HEIGHT, length: -PANEL_HEIGHT };
    let mut sizes: Vec<usize> = all.iter().map(|(size, _)| *size).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let (across, up): (String, String) = (
        sizes.iter().map(|size| line_up(&x, *size)).collect(),
        steps(&y).map(|value| line_across(&y, value, left)).collect(),
    );
    let lines = servers(rows).into_iter().enumerate();
    let lines: String = lines.map(|(index, server)| curve(index, &series(rows, server, metric), &x, &y)).collect();
    let (middle, below) = (left + PANEL_WIDTH / 2.0, TOP + PANEL_HEIGHT + 42.0);
    format!(
        "<text class=\"title\" x=\"{left}\" y=\"{}\">{}</text>\n{across}{up}{lines}\
         <text x=\"{middle:.0}\" y=\"{below}\" text-anchor=\"middle\">connections</text>\n",
        TOP - 16.0,
        metric.name
    )
}

fn bounds(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |seen, value| {
        seen.map_or(Some((value, value)), |(low, high)| Some((value.min(low), value.max(high))))
    })
}

/// Round values on an axis; more per power of ten if the axis spans few of them.
fn steps(axis: &Axis) -> impl Iterator<Item = f64> {
    let decades = (axis.high / axis.low).log10();
    let of_a_decade: &[f64] = match decades {
        ..1.0 => &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0],
        ..3.0 => &[1.0, 2.0, 5.0],
        _ => &[1.0],
    };
    let (low, high) = (axis.low, axis.high);
    let powers = low.log10().floor() as i32..=high.log10().ceil() as i32;
    let all = powers.flat_map(move |power| of_a_decade.iter().map(move |step| step * 10f64.powi(power)));
    all.filter(move |value| (low..=high).contains(value))
}

fn line_up(x: &Axis, size: usize) -> String {
    let (at, bottom) = (x.at(size as f64), TOP + PANEL_HEIGHT);
    format!(
        "<path class=\"grid\" d=\"M{at:.1} {TOP}V{bottom}\"/>\
         <text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{size}</text>\n",
        bottom + 20.0
    )
}

fn line_across(y: &Axis, value: f64, left: f64) -> String {
    let (at, beside) = (y.at(value), left - 8.0);
    format!(
        "<path class=\"grid\" d=\"M{left} {at:.1}h{PANEL_WIDTH}\"/>\
         <text x=\"{beside}\" y=\"{:.1}\" text-anchor=\"end\">{value}</text>\n",
        at + 4.5
    )
}

fn curve(index: usize, series: &[(usize, f64)], x: &Axis, y: &Axis) -> String {
    let points: Vec<(f64, f64)> = series.iter().map(|(size, value)| (x.at(*size as f64), y.at(*value))).collect();
    let marks: String = points.iter().map(|(x, y)| mark(index, *x, *y)).collect();
    let line: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    format!("<g class=\"s{index}\"><polyline class=\"line\" points=\"{}\"/>{marks}</g>\n", line.join(" "))
}

/// A different marker for each server, for readers who cannot distinguish the colours.
fn mark(index: usize, x: f64, y: f64) -> String {
    let shape = match index {
        0 => "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0",
        1 => "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0",
        2 => "m-4 -4h8v8h-8z",
        3 => "m0 -5l5 9h-10z",
        4 => "m0 -5.5l5.5 5.5l-5.5 5.5l-5.5 -5.5z",
        5 => "m0 5l5 -9h-10z",
        _ => "m-4 -4l8 8m0 -8l-8 8",
    };
    format!("<path class=\"mark\" d=\"M{x:.1} {y:.1}{shape}\"/>")
}
