//! A fix put into a profile.
//!
//! Fields are named by their path in the profile's own JSON, so that a fix can be shown, sent and applied without code
//! for each. Whatever comes out must be a profile again: a path or a value that makes none is refused, and nothing is changed.

use mqttscope_model::{ErrorCode, Profile, UserError};
use serde_json::Value;

use crate::{Change, Fix};

/// `profile` with the changes of `fix`, which may be none. Values that the profile has now need not be those of
/// [`Change::before`]: the person has seen the difference to the profile as it was.
///
/// # Errors
/// [`ErrorCode::ProfileInvalid`] where a field does not exist, names the profile itself, or does not take its value.
pub fn apply(profile: &Profile, fix: &Fix) -> Result<Profile, UserError> {
    let mut fields =
        serde_json::to_value(profile).map_err(|error| refused("", &error.to_string()))?;
    for Change { field, after, .. } in &fix.changes {
        if field == "id" {
            return Err(refused(field, "a profile keeps its identifier"));
        }
        let place = place(&mut fields, field)
            .ok_or_else(|| refused(field, "the profile has no such field"))?;
        place.clone_from(after);
    }
    serde_json::from_value(fields).map_err(|error| {
        let named: Vec<&str> = fix.changes.iter().map(|change| change.field.as_str()).collect();
        refused(&named.join(", "), &error.to_string())
    })
}

fn place<'a>(fields: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    path.split('.').try_fold(fields, |value, name| value.as_object_mut()?.get_mut(name))
}

fn refused(field: &str, reason: &str) -> UserError {
    UserError::new(ErrorCode::ProfileInvalid, "The fix does not go with this profile.")
        .hint("The profile was changed meanwhile: diagnose it again.")
        .detail("field", field)
        .detail("reason", reason)
}
