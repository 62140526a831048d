//! Writes the TypeScript types of the engine's door into the folder given: `engine.ts`.

fn main() -> std::io::Result<()> {
    let folder =
        std::env::args_os().nth(1).ok_or_else(|| std::io::Error::other("which folder?"))?;
    std::fs::write(std::path::Path::new(&folder).join("engine.ts"), mqttscope_engine::bindings())
}
