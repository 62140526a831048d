//! The window with nothing chosen for it: without a graphics card WebKit then paints without composing, which its driver
//! cannot click in. So the page clicks, and the screen itself tells whether what the page holds was painted.

use acceptance::{Home, Window, wait};
use serde_json::{Value, json};

use crate::steps;

#[tokio::test]
async fn what_the_page_holds_is_on_the_screen() {
    let home = Home::new();
    let window = Window::open_as_shipped(&home).await;
    painted(&window).await;

    press(&window, "welcome-try-local").await;
    steps::state(&window, "connected").await;
    window.holds("document.querySelector('[data-testid=publish-topic]').value !== ''").await;
    press(&window, "publish-send").await;
    window.has_attribute("publish-outcome", "data-outcome", "acknowledged").await;
    let rows = steps::rows(&window, 2).await;
    painted(&window).await;
    for row in rows {
        written(&window, &format!("[data-testid=message-row][data-message=\"{}\"]", row.id)).await;
    }
    window.quit(&home).await;
}

/// Clicks from within the page.
async fn press(window: &Window, id: &str) {
    window.find(id).await;
    window.holds(&format!("!document.querySelector('[data-testid={id}]').disabled")).await;
    window.run(&format!("document.querySelector('[data-testid={id}]').click()")).await;
}

/// Waits until most points of the screen have the colour that the page gives to what lies there. Not all: there is text too.
async fn painted(window: &Window) {
    let script = "const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
        const color = (left, top) => {
            const under = document.elementsFromPoint(left, top).map((element) => getComputedStyle(element));
            const opaque = under.map((style) => {
                pen.clearRect(0, 0, 1, 1);
                pen.fillStyle = style.backgroundColor;
                pen.fillRect(0, 0, 1, 1);
                return [...pen.getImageData(0, 0, 1, 1).data];
            });
            return opaque.find((color) => color[3] === 255)?.slice(0, 3);
        };
        const points = [];
        for (let top = 8; top < innerHeight; top += 16)
            for (let left = 8; left < innerWidth; left += 16) points.push([left, top, color(left, top)]);
        return points";
    wait::until("the page to be painted", async || {
        let points = window.run(script).await;
        let points = points.as_array().ok_or("points are expected")?;
        let screen = window.on_screen();
        let at = |point: &Value, index: usize| point[index].as_u64().unwrap_or_default() as usize;
        let right =
            points.iter().filter(|point| json!(screen.at(at(point, 0), at(point, 1))) == point[2]);
        let (right, all) = (right.count(), points.len());
        if right * 10 >= all * 8 { Ok(()) } else { Err(format!("{right} of {all} points")) }
    })
    .await;
}

/// Waits until an element has more than one colour on the screen: its text.
async fn written(window: &Window, selector: &str) {
    wait::until(&format!("{selector} to be painted"), async || {
        let script = format!(
            "const box = document.querySelector('{selector}').getBoundingClientRect();
             return [box.left, box.top, box.right, box.bottom].map(Math.round)"
        );
        let sides: [usize; 4] =
            serde_json::from_value(window.run(&script).await).map_err(|error| error.to_string())?;
        let [left, top, right, bottom] = sides;
        let screen = window.on_screen();
        let points = (top..bottom).flat_map(|top| (left..right).map(move |left| (left, top)));
        let mut colors: Vec<_> = points.map(|(left, top)| screen.at(left, top)).collect();
        colors.sort_unstable();
        colors.dedup();
        if colors.len() > 8 { Ok(()) } else { Err(format!("{colors:?}")) }
    })
    .await;
}
