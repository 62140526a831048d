/** The facts of two messages side by side, and which of them differ. */
import type {
  MessageDetail,
  Property,
  SidesContent,
  SidesMessage,
  SidesRow,
} from '$src/bindings/engine';
import { propertyFact } from '$src/features/inspector/facts';
import { m } from '$src/i18n';
import type { Formats } from '$src/lib/format';

export interface Fact {
  name: string;
  /** None where there is no message, where it is no longer stored, or where it has no such property. */
  left: string | null;
  right: string | null;
  /** What one broker handed on otherwise than the other. */
  differs: boolean;
  testid: string;
}

/** Each delivery, and each broker, has its own (MQTT 5.0, sections 3.3.2.3.3, 3.3.2.3.4 and 3.3.2.3.8). */
const OWN: readonly Property['name'][] = [
  'message_expiry_interval',
  'topic_alias',
  'subscription_identifier',
];

/** `details` are those that have been read; without them only what the row itself knows is told. */
export function factsOf(
  row: SidesRow,
  details: { left: MessageDetail | null; right: MessageDetail | null },
  format: Formats,
): Fact[] {
  const own = (
    name: string,
    testid: string,
    tell: (message: SidesMessage) => string | null,
    compares = true,
  ): Fact => {
    const left = row.left && tell(row.left);
    const right = row.right && tell(row.right);
    const differs = compares && left !== null && right !== null && left !== right;
    return { name, left, right, differs, testid: `comparison-fact-${testid}` };
  };
  const held = (name: string, testid: string, tell: (content: SidesContent) => string) =>
    own(name, testid, ({ content }) => content && tell(content));
  return [
    own(m.messages_column_time(), 'time', ({ time_us }) => format.timeMicros(time_us), false),
    held('QoS', 'qos', ({ qos }) => String(qos)),
    held('Retain', 'retain', ({ retain }) => (retain ? m.comparison_yes() : m.comparison_no())),
    held(m.messages_column_size(), 'size', ({ size }) => format.bytes(size)),
    ...propertiesOf(row, details, format),
  ];
}

/** Properties of the same name stand beside each other, those of one name in their order. */
function propertiesOf(
  row: SidesRow,
  { left, right }: { left: MessageDetail | null; right: MessageDetail | null },
  format: Formats,
): Fact[] {
  const [lefts, rights] = [left?.properties ?? [], right?.properties ?? []];
  const names = [...new Set([...lefts, ...rights].map(({ name }) => name))];
  const isPair = row.left !== null && row.right !== null && left !== null && right !== null;
  return names.flatMap((name) => {
    const [ours, theirs] = [lefts, rights].map((list) =>
      list.filter((property) => property.name === name).map((each) => propertyFact(each, format)),
    ) as [Named[], Named[]];
    return Array.from({ length: Math.max(ours.length, theirs.length) }, (_, at): Fact => {
      const [one, other] = [ours[at], theirs[at]];
      return {
        name: (one ?? other)?.name ?? name,
        left: one?.value ?? null,
        right: other?.value ?? null,
        differs: isPair && !OWN.includes(name) && one?.value !== other?.value,
        testid: `comparison-fact-${name.replaceAll('_', '-')}`,
      };
    });
  });
}

type Named = ReturnType<typeof propertyFact>;
