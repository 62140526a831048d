//! Saving a profile with its secrets, so that a failure on the way leaves both as they were.
//!
//! Values are kept first, then the profile that names them, then what it does not name any more is removed. So there
//! is no moment at which a saved profile names a value that is nowhere.

use mqttscope_model::{Profile, Secret, SecretEdit, SecretName, UserError};
use mqttscope_profiles::ProfileError;

use crate::Engine;

impl Engine {
    /// Saves a checked profile, whose secrets have their names already. Blocks.
    pub(crate) fn save_with_secrets(
        &self,
        mut profile: Profile,
        edits: Vec<SecretEdit>,
    ) -> Result<Profile, UserError> {
        let old = match self.profiles.get(&profile.id) {
            Ok(old) => Some(old),
            Err(ProfileError::NotFound(_)) => None,
            Err(error) => return Err(error.into()),
        };
        let mut values = self.moved(&mut profile, old.as_ref())?;
        let named = profile.secrets();
        // A value whose place is not in the profile is nobody's.
        let wanted = edits.into_iter().filter_map(|SecretEdit { slot, value }| {
            let name = SecretName::of(&profile.id, &slot);
            named.contains(&(slot, name.clone())).then_some((name, value?))
        });
        values.extend(wanted);
        let before = self.secrets.set_all(&values)?;
        if let Err(error) = self.profiles.save(&profile) {
            self.secrets.put_back(before);
            return Err(error.into());
        }
        let gone = old.map(|old| left_behind(&old, &profile)).unwrap_or_default();
        if let Err(error) = self.secrets.remove_all(&gone) {
            tracing::warn!(id = %profile.id, %error, "a secret that is not wanted any more stays behind");
        }
        Ok(profile)
    }

    /// Gives a value that was in another place of the same profile the name of its new place, as when a
    /// header with a stored value gets another name.
    fn moved(
        &self,
        profile: &mut Profile,
        old: Option<&Profile>,
    ) -> Result<Vec<(SecretName, Secret)>, UserError> {
        let known: Vec<_> = old.map(Profile::secrets).unwrap_or_default();
        let mut moved = Vec::new();
        for (slot, name) in profile.secrets() {
            let own = SecretName::of(&profile.id, &slot);
            if name == own || !known.iter().any(|(_, known)| *known == name) {
                continue;
            }
            if let Some(value) = self.secrets.get(&name)? {
                profile.set_secret(&slot, Some(own.clone()));
                moved.push((own, value));
            }
        }
        Ok(moved)
    }
}

/// The secrets of the old profile that the new one does not name.
fn left_behind(old: &Profile, new: &Profile) -> Vec<SecretName> {
    let kept: Vec<_> = new.secrets().into_iter().map(|(_, name)| name).collect();
    let own =
        old.secrets().into_iter().filter(|(slot, name)| *name == SecretName::of(&old.id, slot));
    own.map(|(_, name)| name).filter(|name| !kept.contains(name)).collect()
}
