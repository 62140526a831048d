//! Colours of other programs, which have any, and ours, which are eight: the nearest by hue, and back.

use mqttscope_model::Colour;

/// Below this difference of the largest and the smallest part there is no hue to see.
const GREY: u8 = 32;

/// The nearest colour to `#rrggbb`; none where the text is something else.
pub(crate) fn nearest(text: &str) -> Option<Colour> {
    let digits = text.trim().strip_prefix('#').filter(|digits| digits.len() == 6)?;
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let number = u32::from_str_radix(digits, 16).ok()?;
    let [_, red, green, blue] = number.to_be_bytes();
    let (high, low) = (red.max(green).max(blue), red.min(green).min(blue));
    if high - low < GREY {
        return Some(Colour::Grey);
    }
    let part = |one: u8, other: u8| {
        60.0 * (f32::from(one) - f32::from(other)) / (f32::from(high) - f32::from(low))
    };
    let hue = if high == red {
        part(green, blue)
    } else if high == green {
        120.0 + part(blue, red)
    } else {
        240.0 + part(red, green)
    };
    Some(match hue.rem_euclid(360.0) {
        hue if hue < 15.0 => Colour::Red,
        hue if hue < 42.0 => Colour::Orange,
        hue if hue < 70.0 => Colour::Yellow,
        hue if hue < 165.0 => Colour::Green,
        hue if hue < 192.0 => Colour::Teal,
        hue if hue < 250.0 => Colour::Blue,
        hue if hue < 335.0 => Colour::Purple,
        _ => Colour::Red,
    })
}

/// A colour as other programs write it.
pub(crate) fn hex(colour: Colour) -> &'static str {
    match colour {
        Colour::Red => "#C0262C",
        Colour::Orange => "#E8700A",
        Colour::Yellow => "#D6A800",
        Colour::Green => "#34C388",
        Colour::Teal => "#0B7A8F",
        Colour::Blue => "#1D5FC0",
        Colour::Purple => "#7A3E9D",
        Colour::Grey => "#62626D",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_comes_back_as_itself() {
        for colour in [
            Colour::Red,
            Colour::Orange,
            Colour::Yellow,
            Colour::Green,
            Colour::Teal,
            Colour::Blue,
            Colour::Purple,
            Colour::Grey,
        ] {
            assert_eq!(nearest(hex(colour)), Some(colour));
        }
    }

    #[test]
    fn what_is_no_colour_is_none() {
        let shades = ["", "#fff", "red", "#12345g", "34C388", "#+12345", "#ünf"];
        assert!(shades.iter().all(|text| nearest(text).is_none()));
        assert_eq!(nearest(" #6ecbee "), Some(Colour::Blue));
        assert_eq!(nearest("#FFFFFF"), Some(Colour::Grey));
    }
}
