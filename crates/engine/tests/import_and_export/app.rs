//! An engine in folders of its own, driven by its commands.

use std::path::PathBuf;

use mqttscope_engine::{Engine, Folders, Ports, Start};
use mqttscope_model::{Profile, UserError};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) struct App {
    pub(crate) engine: Engine,
    folder: TempDir,
}

impl App {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let start = Start {
            folders: Folders::below(folder.path()),
            broker_executable: PathBuf::from("/nonexistent"),
            broker_ports: Ports { mqtt: 0, ws: 0 },
        };
        Self { engine: Engine::start(start).await.unwrap(), folder }
    }

    pub(crate) async fn call(&self, name: &str, args: Value) -> Value {
        self.engine.call(name, args).await.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) async fn refused(&self, name: &str, args: Value) -> UserError {
        self.engine.call(name, args).await.expect_err(name)
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) async fn profile(&self, name: &str, password: Option<&str>) -> Profile {
        let mut profile: Profile =
            serde_json::from_value(self.call("profile_new", json!({})).await).unwrap();
        profile.name = name.to_owned();
        profile.endpoint.host = format!("{name}.example");
        profile.user_name = "u".to_owned();
        self.save(&profile, password).await
    }

    pub(crate) async fn save(&self, profile: &Profile, password: Option<&str>) -> Profile {
        let secrets: Vec<Value> =
            password.iter().map(|value| json!({ "slot": "password", "value": value })).collect();
        let args = json!({ "profile": profile, "secrets": secrets });
        serde_json::from_value(self.call("profile_save", args).await).unwrap()
    }

    pub(crate) async fn profiles(&self) -> Vec<Profile> {
        let list = self.call("profiles_list", json!({})).await;
        serde_json::from_value(list["profiles"].clone()).unwrap()
    }

    /// Profiles, folders and secrets: all that an import may change.
    pub(crate) async fn everything(&self) -> (Value, String) {
        let list = self.call("profiles_list", json!({})).await;
        let secrets = self.file("config/secrets.json");
        (list, std::fs::read_to_string(secrets).unwrap_or_default())
    }

    pub(crate) async fn export(&self, name: &str, format: &str, passphrase: Option<&str>) -> Value {
        let options = json!({
            "profiles": [], "format": format, "certificates": "paths", "passphrase": passphrase,
        });
        self.call("export_save", json!({ "path": self.file(name), "options": options })).await
    }

    pub(crate) async fn preview(&self, name: &str) -> Value {
        self.call("import_file", json!({ "path": self.file(name) })).await
    }

    pub(crate) async fn run(&self, preview: &Value, choice: &str) -> Value {
        self.call("import_run", run_args(preview, choice)).await
    }

    pub(crate) async fn undo(&self, preview: &Value) -> Value {
        self.call("import_undo", json!({ "import": preview["import"] })).await
    }

    pub(crate) async fn delete_all(&self) {
        let ids: Vec<_> = self.profiles().await.into_iter().map(|profile| profile.id).collect();
        self.call("profiles_delete", json!({ "ids": ids })).await;
    }
}

pub(crate) fn run_args(preview: &Value, choice: &str) -> Value {
    let items = preview["items"].as_array().unwrap();
    let choices: Vec<Value> =
        items.iter().map(|item| json!({ "index": item["index"], "choice": choice })).collect();
    json!({ "import": preview["import"], "choices": choices, "messages": true })
}
