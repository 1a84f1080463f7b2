//! Cycles in a graph.

use std::collections::{BTreeMap, BTreeSet};

type Graph<'g> = BTreeMap<&'g str, BTreeSet<&'g str>>;

/// The strongly connected components of two nodes or more.
pub(crate) fn cycles<'g>(graph: &Graph<'g>) -> Vec<BTreeSet<&'g str>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> = graph.keys().map(|node| (*node, reach(graph, node))).collect();
    let mut cycles = BTreeSet::new();
    for node in graph.keys().filter(|node| reached[*node].contains(*node)) {
        let leads_back = |other: &&&str| reached.get(**other).is_some_and(|reached| reached.contains(node));
        cycles.insert(reached[node].iter().filter(leads_back).copied().collect::<BTreeSet<_>>());
    }
    cycles.into_iter().filter(|cycle| cycle.len() > 1).collect()
}

/// Every node reachable from a node; the node itself only if it is in a cycle.
fn reach<'g>(graph: &Graph<'g>, from: &str) -> BTreeSet<&'g str> {
    let (mut reached, mut waiting) = (BTreeSet::new(), vec![from]);
    while let Some(node) = waiting.pop() {
        for next in graph.get(node).into_iter().flatten() {
            if reached.insert(*next) {
                waiting.push(next);
            }
        }
    }
    reached
}
