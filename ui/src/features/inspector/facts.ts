/** Properties of MQTT 5.0 in words. Their names are the specification's, the same in every language. */
import type { Bytes, Property } from '$src/bindings/engine';
import { m } from '$src/i18n';
import { decodeBase64, encodeHex } from '$src/lib/bytes';
import type { Formats } from '$src/lib/format';

/** A property's name and value as a person reads them; what strangers wrote is not made visible yet. */
export function propertyFact(property: Property, format: Formats): { name: string; value: string } {
  switch (property.name) {
    case 'payload_format_indicator':
      return {
        name: 'Payload Format Indicator',
        value: property.value === 1 ? m.inspector_format_utf8() : m.inspector_format_unspecified(),
      };
    case 'message_expiry_interval':
      return { name: 'Message Expiry Interval', value: expiryText(property.value, format) };
    case 'content_type':
      return { name: 'Content Type', value: property.value };
    case 'response_topic':
      return { name: 'Response Topic', value: property.value };
    case 'correlation_data':
      return { name: 'Correlation Data', value: bytesText(property.value) };
    case 'subscription_identifier':
      return { name: 'Subscription Identifier', value: String(property.value) };
    case 'topic_alias':
      return { name: 'Topic Alias', value: String(property.value) };
    case 'user_property': {
      const [name, value] = property.value;
      return { name: 'User Property', value: `${name} = ${value}` };
    }
  }
}

/** What is left of a message's time: `5,400 s (90 minutes)`. */
function expiryText(seconds: number, format: Formats): string {
  const exact = format.seconds(seconds);
  return seconds < 60 ? exact : m.inspector_expiry_span({ exact, span: format.span(seconds) });
}

function bytesText(bytes: Bytes): string {
  if ('text' in bytes) return bytes.text;
  const decoded = decodeBase64(bytes.base64);
  return decoded.ok ? encodeHex(decoded.bytes) : bytes.base64;
}
