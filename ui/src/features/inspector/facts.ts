/** Properties of MQTT 5.0 in words. */
import type { Bytes, Property } from '$src/bindings/engine';
import { m } from '$src/i18n';
import { decodeBase64, encodeHex } from '$src/lib/bytes';
import type { Formats } from '$src/lib/format';

/** A property's name and value as a person reads them; what strangers wrote is not made visible yet. */
export function propertyFact(property: Property, format: Formats): { name: string; value: string } {
  switch (property.name) {
    case 'payload_format_indicator':
      return {
        name: m.inspector_payload_format(),
        value: property.value === 1 ? m.inspector_format_utf8() : m.inspector_format_unspecified(),
      };
    case 'message_expiry_interval':
      return { name: m.inspector_expiry(), value: format.seconds(property.value) };
    case 'content_type':
      return { name: m.inspector_content_type(), value: property.value };
    case 'response_topic':
      return { name: m.inspector_response_topic(), value: property.value };
    case 'correlation_data':
      return { name: m.inspector_correlation(), value: bytesText(property.value) };
    case 'subscription_identifier':
      return { name: m.inspector_subscription_id(), value: String(property.value) };
    case 'topic_alias':
      return { name: m.inspector_topic_alias(), value: String(property.value) };
    case 'user_property': {
      const [name, value] = property.value;
      return { name: m.inspector_user_property(), value: `${name} = ${value}` };
    }
  }
}

function bytesText(bytes: Bytes): string {
  if ('text' in bytes) return bytes.text;
  const decoded = decodeBase64(bytes.base64);
  return decoded.ok ? encodeHex(decoded.bytes) : bytes.base64;
}
