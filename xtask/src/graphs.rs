//! The projects that are measured: a flat graph for lockgate, ninja and DVC, a deep one for lockgate and DVC, and plain files.

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

/// How many stages a layer of [`layered`] has.
const WIDTH: usize = 100;

/// Writes a project of DVC without its data, as a fresh clone is: `dvc.yaml` and `dvc.lock` of `n_layers` layers of a hundred
/// stages, each of which reads a folder with six outs of the layer above and six more of its outs. Returns the number of edges.
pub fn layered(folder: &Path, n_layers: usize) -> Result<usize, Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    let (mut pipeline, mut lock) = ("stages:\n".to_owned(), "schema: '2.0'\nstages:\n".to_owned());
    let mut n_edges = 0;
    for (layer, part) in (0..n_layers).flat_map(|layer| (0..WIDTH).map(move |part| (layer, part))) {
        let name = format!("build_{layer:02}_{part:02}");
        let (out, cmd) = (place(layer, part), format!("python build.py --layer {layer} --part {part}"));
        let deps = if layer == 0 { vec![Read::File(format!("in/{part}.txt"))] } else { reads(layer - 1, part) };
        n_edges += if layer == 0 { 0 } else { deps.iter().map(Read::n_edges).sum() };
        write!(pipeline, "  {name}:\n    cmd: {cmd}\n    deps:\n")?;
        write!(lock, "  {name}:\n    cmd: {cmd}\n    deps:\n")?;
        for dep in &deps {
            writeln!(pipeline, "    - {}", dep.path())?;
            lock.push_str(&dep.entry());
        }
        write!(pipeline, "    outs:\n    - {out}\n")?;
        write!(lock, "    outs:\n{}", Read::File(out).entry())?;
    }
    fs::write(folder.join("dvc.yaml"), pipeline)?;
    fs::write(folder.join("dvc.lock"), lock)?;
    Ok(n_edges)
}

/// How many outs of a layer lie in one folder.
const GROUP: usize = 6;

/// A dep of a stage.
enum Read {
    File(String),
    /// A folder with as many outs as a group has.
    Folder(String),
}

impl Read {
    fn path(&self) -> &str {
        let (Self::File(path) | Self::Folder(path)) = self;
        path
    }

    fn n_edges(&self) -> usize {
        match self {
            Self::File(_) => 1,
            Self::Folder(_) => GROUP,
        }
    }

    /// Returns what a dvc.lock says of it, with digests that nothing has.
    fn entry(&self) -> String {
        let digest = self.path().bytes().fold(0x9e37_79b9_u128, |state, byte| {
            (state ^ u128::from(byte)).wrapping_mul(0x0100_0000_0000_0000_0000_013b)
        });
        let head = format!("    - path: {}\n      hash: md5\n      md5: {digest:032x}", self.path());
        match self {
            Self::File(_) => format!("{head}\n      size: 5\n"),
            Self::Folder(_) => format!("{head}.dir\n      size: 30\n      nfiles: 6\n"),
        }
    }
}

fn place(layer: usize, part: usize) -> String {
    format!("data/{layer:02}/{:02}/{part:02}.txt", part / GROUP)
}

/// What `part` reads of the layer above it.
fn reads(layer: usize, part: usize) -> Vec<Read> {
    // The last folder has only what is left over.
    let group = (part / GROUP).min(WIDTH / GROUP - 1);
    let others = (0..WIDTH).map(|step| (7 * part + 13 * step + layer) % WIDTH);
    let files = others.filter(|other| other / GROUP != group).take(GROUP).map(|other| Read::File(place(layer, other)));
    std::iter::once(Read::Folder(format!("data/{layer:02}/{group:02}"))).chain(files).collect()
}
