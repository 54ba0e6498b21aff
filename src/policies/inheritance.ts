/** Steps of inheritance that count, as casbin's role manager counts them. */
export const DEEPEST = 10;

/** Who inherits from whom, along one axis; circles and long chains do no harm. */
export class Inheritance<Node extends string> {
  readonly #wider = new Map<Node, Set<Node>>();
  readonly #narrower = new Map<Node, Set<Node>>();

  add(narrow: Node, wide: Node): void {
    put(this.#wider, narrow, wide);
    put(this.#narrower, wide, narrow);
  }

  /** These, and what they inherit from, in at most so many steps. */
  upFrom(starts: Iterable<Node>, steps = DEEPEST): Set<Node> {
    return walk(this.#wider, starts, steps);
  }

  /** These, and what inherits from them. */
  downFrom(starts: Iterable<Node>, steps = DEEPEST): Set<Node> {
    return walk(this.#narrower, starts, steps);
  }
}

function put<Node>(edges: Map<Node, Set<Node>>, from: Node, to: Node): void {
  const known = edges.get(from);
  if (known) known.add(to);
  else edges.set(from, new Set([to]));
}

function walk<Node>(edges: Map<Node, Set<Node>>, starts: Iterable<Node>, steps: number): Set<Node> {
  const reached = new Set(starts);
  let edge = [...reached];
  for (let step = 0; step < steps && edge.length > 0; step += 1) {
    const next: Node[] = [];
    for (const node of edge) {
      for (const other of edges.get(node) ?? []) {
        if (reached.has(other)) continue;
        reached.add(other);
        next.push(other);
      }
    }
    edge = next;
  }
  return reached;
}
