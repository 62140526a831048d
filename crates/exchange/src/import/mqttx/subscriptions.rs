//! The subscriptions of an MQTTX connection, with the options of MQTT 5 by their short names and the colour that it gave.

use mqttscope_model::properties::MAX_VARIABLE_INTEGER;
use mqttscope_model::{RetainHandling, Subscription};

use super::connection::{ITS_OWN, qos, user_properties};
use crate::colours;
use crate::found::NoteCode;
use crate::import::draft::Draft;
use crate::import::fields::Fields;

pub(super) fn read(draft: &mut Draft, fields: &mut Fields<'_>) {
    for mut one in fields.objects("subscriptions") {
        let field = one.path("topic");
        let filter = one.text("topic").unwrap_or_default();
        let wanted = Subscription::new(filter, qos(&mut one, "qos"));
        if wanted.filter.is_empty() {
            draft.note(field, "", NoteCode::NotUsable);
            continue;
        }
        draft.subscribe_with(&field, options(&mut one, wanted));
        one.ignore(&ITS_OWN);
        one.ignore(&["retain"]);
        draft.notes.extend(one.finish());
    }
}

fn options(one: &mut Fields<'_>, wanted: Subscription) -> Subscription {
    let handling = match one.number::<u8>("rh") {
        None | Some(0) => RetainHandling::Send,
        Some(1) => RetainHandling::SendIfNew,
        Some(2) => RetainHandling::DoNotSend,
        Some(other) => {
            one.not_usable("rh", &other.to_string());
            RetainHandling::Send
        }
    };
    // 0 is no identifier, and MQTTX writes it where the field was emptied.
    let identifier = one.number::<u32>("subscriptionIdentifier").filter(|number| *number > 0);
    let is_usable = identifier.is_none_or(|number| number <= MAX_VARIABLE_INTEGER);
    if !is_usable {
        let shown = identifier.unwrap_or_default().to_string();
        one.not_usable("subscriptionIdentifier", &shown);
    }
    let colour = one.text("color").and_then(|text| colours::nearest(&text));
    Subscription {
        name: one.text("alias").unwrap_or_default(),
        colour,
        enabled: one.flag("disabled") != Some(true),
        no_local: one.flag("nl").unwrap_or(false),
        retain_as_published: one.flag("rap").unwrap_or(false),
        retain_handling: handling,
        identifier: identifier.filter(|_| is_usable),
        user_properties: user_properties(one),
        ..wanted
    }
}
