//! The application's real window, driven through WebKitWebDriver.
//!
//! Straight to the driver of WebKitGTK, without tauri-driver: that adds a process and a race. What is
//! looked for is a `data-testid`, so a test survives another wording or another layout; where that
//! is not enough it is a CSS selector, which is known by its brackets.

use std::path::{Path, PathBuf};

use fantoccini::elements::{Element, ElementRef};
use fantoccini::error::CmdError;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::display::{Display, Picture};
use crate::process::{self, Process};
use crate::wait::PATIENCE;
use crate::{Home, ports, wait};

/// The name under which WebDriver puts a reference to an element into JSON.
const ELEMENT_KEY: &str = "element-6066-11e4-a52e-4f735466cecf";

/// What WebKit reads to paint without composing layers; "0" keeps them.
const COMPOSING_OFF: &str = "WEBKIT_DISABLE_COMPOSITING_MODE";

/// The window of a running application. Dropping it kills driver, application and screen.
#[derive(Debug)]
pub struct Window {
    client: Client,
    // In the order in which they end: the driver takes the application with it.
    driver: Process,
    display: Display,
}

impl Window {
    /// Starts the application in `home` and waits until its page is there.
    ///
    /// WebKit composes the page with OpenGL here, also where no card is: where it does not, its driver waits for ever at
    /// the first click and the first picture.
    pub async fn open(home: &Home) -> Self {
        Self::start(home, Some("0")).await
    }

    /// The same, with nothing chosen for it. Neither [`Window::click`] nor [`Window::screenshot`] can be used.
    pub async fn open_as_shipped(home: &Home) -> Self {
        Self::start(home, None).await
    }

    async fn start(home: &Home, composing_off: Option<&str>) -> Self {
        let display = Display::start(home.path());
        let mut driver = start_driver(home, &display, composing_off);
        let port = driver.1;
        let capabilities = capabilities(&application());
        let client = wait::until("a session with the application", async || {
            driver.0.check()?;
            ClientBuilder::new(HttpConnector::new())
                .capabilities(capabilities.clone())
                .connect(&format!("http://127.0.0.1:{port}"))
                .await
                .map_err(|error| format!("{error}; {}", driver.0.log()))
        })
        .await;
        let window = Self { client, driver: driver.0, display };
        window.find("sidebar").await;
        window
    }

    /// The element with this `data-testid`, once it is there and can be seen.
    pub async fn find(&self, id: &str) -> Element {
        wait::until(&format!("[{id}] to be seen"), async || self.visible(id).await).await
    }

    /// Waits until no visible element has this `data-testid`.
    pub async fn gone(&self, id: &str) {
        wait::until(&format!("[{id}] to be gone"), async || match self.visible(id).await {
            Ok(_) => Err(format!("it is still there; {}", self.page().await)),
            Err(_) => Ok(()),
        })
        .await;
    }

    /// All elements with this `data-testid`, as they are now.
    pub async fn all(&self, id: &str) -> Vec<Element> {
        self.client.find_all(Locator::Css(&selector(id))).await.expect("elements are looked for")
    }

    /// Clicks, once it can be clicked.
    pub async fn click(&self, id: &str) {
        wait::until(&format!("[{id}] to be clicked"), async || {
            let element = self.visible(id).await?;
            if !element.is_enabled().await.map_err(text)? {
                return Err("it is disabled".to_owned());
            }
            element.click().await.map_err(text)
        })
        .await;
    }

    /// Types into a field in place of what it holds, and waits until the field holds it.
    pub async fn fill(&self, id: &str, value: &str) {
        let field = self.find(id).await;
        field.clear().await.expect("the field can be emptied");
        field.send_keys(value).await.expect("the field can be typed into");
        self.has_value(id, value).await;
    }

    /// Waits until a field holds `value`.
    pub async fn has_value(&self, id: &str, value: &str) {
        wait::until(&format!("[{id}] to hold {value:?}"), async || {
            let element = self.visible(id).await?;
            let seen = element.prop("value").await.map_err(text)?.unwrap_or_default();
            if seen == value { Ok(()) } else { Err(format!("it holds {seen:?}")) }
        })
        .await;
    }

    /// Chooses an option of a `<select>` by its value.
    pub async fn choose(&self, id: &str, value: &str) {
        self.find(id).await.select_by_value(value).await.unwrap_or_else(|error| {
            panic!("[{id}] offers no {value:?}: {error}");
        });
        self.has_value(id, value).await;
    }

    /// Waits until the element's text contains `part`, and returns the whole text.
    pub async fn shows(&self, id: &str, part: &str) -> String {
        wait::until(&format!("[{id}] to show {part:?}"), async || {
            // Not the driver's own text: it leaves out what an ellipsis cuts off.
            let element = self.visible(id).await?;
            let seen = element.prop("innerText").await.map_err(text)?.unwrap_or_default();
            if seen.contains(part) { Ok(seen) } else { Err(format!("{seen:?}")) }
        })
        .await
    }

    /// Waits until an attribute of the element has this value.
    pub async fn has_attribute(&self, id: &str, name: &str, value: &str) {
        wait::until(&format!("[{id}] to have {name}={value:?}"), async || {
            let seen = self.visible(id).await?.attr(name).await.map_err(text)?;
            if seen.as_deref() == Some(value) { Ok(()) } else { Err(format!("{seen:?}")) }
        })
        .await;
    }

    /// Runs JavaScript in the page; `return` gives its result.
    pub async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.expect("the script runs")
    }

    /// Waits until a JavaScript expression is true.
    pub async fn holds(&self, expression: &str) {
        wait::until(expression, async || {
            let value = self.client.execute(&format!("return ({expression})"), Vec::new()).await;
            match value.map_err(text)? {
                Value::Bool(true) => Ok(()),
                other => Err(other.to_string()),
            }
        })
        .await;
    }

    /// Gives the window another size.
    pub async fn resize(&self, width: u32, height: u32) {
        self.client.set_window_size(width, height).await.expect("the window can be resized");
        self.holds(&format!("innerWidth === {width} && innerHeight === {height}")).await;
    }

    /// Keeps a picture under `target/e2e/<name>.png` and returns its path.
    pub async fn screenshot(&self, name: &str) -> PathBuf {
        // The driver's picture is one frame old: two frames later it shows what is there now.
        let frames = "const done = arguments[0]; \
                      requestAnimationFrame(() => requestAnimationFrame(() => done()));";
        self.client.execute_async(frames, Vec::new()).await.expect("two frames are drawn");
        let picture = self.client.screenshot().await.expect("a picture is taken");
        let folder = pictures();
        std::fs::create_dir_all(&folder).expect("a folder for pictures");
        let path = folder.join(format!("{name}.png"));
        std::fs::write(&path, picture).expect("a picture can be kept");
        path
    }

    /// What is on the screen, which the window fills.
    pub fn on_screen(&self) -> Picture {
        self.display.picture()
    }

    /// The driver of the window, for what is not wrapped here.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Ends the application and all that belongs to it, and waits until its home is free again.
    pub async fn quit(self, home: &Home) {
        let Self { client, mut driver, display } = self;
        // The driver ends the application with its session; what it answers then is of no interest.
        _ = client.close().await;
        driver.end();
        drop(driver);
        drop(display);
        wait::until("the application to end", async || home.is_free()).await;
    }

    async fn visible(&self, id: &str) -> Result<Element, String> {
        // Not the driver's own idea of visibility: it takes text that an ellipsis may cut for hidden.
        let script = "return [...document.querySelectorAll(arguments[0])].find((element) => \
                      element.checkVisibility({ visibilityProperty: true }) \
                      && element.getClientRects().length > 0) ?? null";
        let found = self.client.execute(script, vec![selector(id).into()]).await.map_err(text)?;
        match found.get(ELEMENT_KEY).and_then(Value::as_str) {
            Some(element) => {
                let reference = ElementRef::from(element.to_owned());
                Ok(Element::from_element_id(self.client.clone(), reference))
            }
            None => Err(format!("not there; {}", self.page().await)),
        }
    }

    /// The page's text, for a failure's message.
    async fn page(&self) -> String {
        let script = "return document.body ? document.body.innerText : document.URL";
        let text = self.client.execute(script, Vec::new()).await;
        text.map_or_else(|error| error.to_string(), |text| format!("the page says: {text}"))
    }
}

/// The executable under test: `MQTTSCOPE_BIN`, or what `cargo build` made beside this test.
pub fn application() -> PathBuf {
    let path = std::env::var_os("MQTTSCOPE_BIN").map_or_else(beside_this_test, PathBuf::from);
    assert!(path.is_file(), "{} is not there: cargo xtask test build", path.display());
    path
}

fn beside_this_test() -> PathBuf {
    let name = format!("mqttscope{}", std::env::consts::EXE_SUFFIX);
    build_folder().join(name)
}

/// `target/debug`, seen from the test's own executable in `target/debug/deps`.
pub(crate) fn build_folder() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its executable");
    test.ancestors().nth(2).expect("it lies in target/debug/deps").to_owned()
}

fn pictures() -> PathBuf {
    build_folder().parent().expect("target/debug has a parent").join("e2e")
}

/// The application inherits the driver's environment.
fn start_driver(home: &Home, display: &Display, composing_off: Option<&str>) -> (Process, u16) {
    let [port] = ports::free();
    let mut command = process::program("WebKitWebDriver");
    command.arg(format!("--port={port}")).arg("--host=127.0.0.1");
    home.move_in(&mut command);
    command
        .env("DISPLAY", display.name())
        .env("GDK_BACKEND", "x11")
        .env("TAURI_AUTOMATION", "true")
        .env("TAURI_WEBVIEW_AUTOMATION", "true")
        .env_remove("WAYLAND_DISPLAY")
        // It makes the driver's screenshot hang.
        .env_remove("WEBKIT_DISABLE_DMABUF_RENDERER")
        .env_remove(COMPOSING_OFF)
        .envs(composing_off.map(|off| (COMPOSING_OFF, off)));
    (Process::start(command, &home.path().join("driver.log")), port)
}

fn capabilities(application: &Path) -> Capabilities {
    let options = json!({ "binary": application, "args": [] });
    let mut capabilities = Capabilities::new();
    capabilities.insert("webkitgtk:browserOptions".to_owned(), options);
    let timeout = PATIENCE.as_millis() as u64;
    capabilities.insert("timeouts".to_owned(), json!({ "script": timeout, "implicit": 0 }));
    capabilities
}

fn selector(id: &str) -> String {
    if id.contains('[') { id.to_owned() } else { format!("[data-testid=\"{id}\"]") }
}

fn text(error: CmdError) -> String {
    error.to_string()
}
