//! The same flat graph for lockgate, ninja and DVC: `n` stages that each copy one small file.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Writes `in/0` to `in/n-1`, an empty `out/`, and the graph in the three languages.
pub fn flat(folder: &Path, n_stages: usize) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder.join("in"))?;
    fs::create_dir_all(folder.join("out"))?;
    let mut stages = "stages:\n".to_owned();
    let mut ninja = "rule cp\n  command = cp $in $out\n".to_owned();
    for at in 0..n_stages {
        fs::write(folder.join(format!("in/{at}")), format!("{at}\n"))?;
        writeln!(stages, "  s{at}:\n    cmd: cp in/{at} out/{at}\n    deps: [in/{at}]\n    outs: [out/{at}]")?;
        writeln!(ninja, "build out/{at}: cp in/{at}")?;
    }
    fs::write(folder.join("pipeline.yaml"), &stages)?;
    fs::write(folder.join("dvc.yaml"), &stages)?;
    fs::write(folder.join("build.ninja"), ninja)?;
    Ok(())
}

/// Writes a file of `size` bytes that no two blocks of are equal.
pub fn big_file(path: &Path, size: u64) -> Result<(), Box<dyn Error>> {
    use std::io::Write as _;
    let mut file = std::io::BufWriter::with_capacity(1 << 20, fs::File::create(path)?);
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..size / 8 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        file.write_all(&state.to_le_bytes())?;
    }
    file.flush()?;
    Ok(())
}

/// Writes `n_files` files of ten bytes in folders of a thousand.
pub fn many_files(folder: &Path, n_files: usize) -> Result<(), Box<dyn Error>> {
    for at in 0..n_files {
        let inner = folder.join(format!("{:03}", at / 1000));
        if at % 1000 == 0 {
            fs::create_dir_all(&inner)?;
        }
        fs::write(inner.join(format!("{at:06}")), format!("{at:09}\n"))?;
    }
    Ok(())
}
