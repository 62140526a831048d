//! Mouse and keys, as the driver moves them: what a click on an element cannot say.

use std::time::Duration;

use fantoccini::actions::{
    InputSource, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction,
};
use fantoccini::elements::Element;
use fantoccini::key::Key;

use crate::Window;

impl Window {
    /// Drags one element onto the middle of another one, over several steps as a hand does.
    pub async fn drag(&self, from: &str, to: &str) {
        let ((x, y), (to_x, to_y)) = (self.middle(from).await, self.middle(to).await);
        let mut mouse = MouseActions::new("mouse".to_owned())
            .then(at(x, y))
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT });
        for step in 1..=8 {
            let part = f64::from(step) / 8.0;
            mouse = mouse.then(at(x + (to_x - x) * part, y + (to_y - y) * part));
        }
        let mouse = mouse.then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        self.client().perform_actions(mouse).await.expect("the mouse moves");
    }

    /// Clicks an element while Ctrl is held, which adds it to what is chosen.
    pub async fn click_with_control(&self, element: &Element) {
        let control = char::from(Key::Control);
        let hold = KeyActions::new("keys".to_owned()).then(KeyAction::Down { value: control });
        self.client().perform_actions(hold).await.expect("Ctrl goes down");
        element.click().await.expect("it can be clicked");
        self.client().release_actions().await.expect("Ctrl comes up");
    }

    /// Types to whatever has the focus, and ends with Enter.
    pub async fn enter(&self, text: &str) {
        let mut keys = KeyActions::new("keys".to_owned());
        for value in text.chars().chain([char::from(Key::Enter)]) {
            keys = keys.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        }
        self.client().perform_actions(keys).await.expect("keys are pressed");
    }

    async fn middle(&self, id: &str) -> (f64, f64) {
        let place = self.find(id).await.rectangle().await.expect("an element has a place");
        let (x, y, width, height) = place;
        (x + width / 2.0, y + height / 2.0)
    }
}

fn at(x: f64, y: f64) -> PointerAction {
    // A moment for each step: a drag that takes no time is a jump.
    PointerAction::MoveTo { duration: Some(Duration::from_millis(20)), x, y }
}
