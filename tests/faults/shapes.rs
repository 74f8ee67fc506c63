//! Shapes of stages: folders, lists of commands, working folders, names, and pools.

use crate::sandbox::Sandbox;
use crate::watch::Watched;

#[test]
fn names_of_any_kind_are_paths() {
    let names = [
        "with space",
        "-leading-dash",
        "--force",
        "ünï-cödé 雪",
        "a'quote",
        "dollar$HOME",
        "semi;colon",
        "star*",
        "hash # x",
        "colon: x",
        "tilde~",
        "percent%20",
        "back\\slash",
        "{brace}",
        "[bracket]",
        "@at",
        "!bang",
        "&amp",
        "1",
        "true",
        "null",
        "...",
    ];
    for name in names {
        let yaml = name.replace('\'', "''");
        let ws = Sandbox::of(&format!(
            "stages:\n  make:\n    cmd: cat ./in* > \"$OUT\"; mkdir -p dir; cp -- \"./$OUT\" \"dir/$OUT\"\n    deps: ['in {yaml}']\n    \
             outs: ['{yaml}', 'dir/{yaml}']\n  read:\n    cmd: cat \"./$OUT\" > copy\n    deps: ['{yaml}']\n    outs: [copy]\n"
        ));
        ws.write(&format!("in {name}"), "1\n");
        let run = |code: i32| {
            let output = ws.finish(ws.command("repro").env("OUT", format!("./{name}")));
            assert_eq!(output.code, code, "{name}: {output}");
        };
        run(0);
        run(0);
        assert_eq!(ws.read("copy"), "1\n", "{name}");
        ws.remove(name);
        ws.remove("copy");
        run(0);
        assert_eq!((ws.read(name), ws.read("copy")), ("1\n".into(), "1\n".into()), "{name}");
        ws.remove("pipeline.lock");
        run(0);
        run(0);
        ws.is_fresh();
    }
}

#[test]
fn a_folder_with_anything_in_it_is_restored_as_it_was() {
    let ws = Sandbox::of(
        "stages:\n  make:\n    cmd: |\n      echo x >> side/count\n      mkdir -p 'dir/a b' dir/empty dir/-x\n      cat in.txt > 'dir/a b/ü'\n      \
         cat in.txt > dir/-x/-y; chmod +x dir/-x/-y; ln -s ../in.txt dir/link; ln -s nowhere dir/dangling; touch dir/nothing\n    \
         deps: [in.txt]\n    outs: [dir]\n",
    );
    ws.write("in.txt", "1\n");
    ws.write("side/x", "");
    ws.repro("", 0);
    std::fs::remove_dir_all(ws.path().join("dir")).unwrap();
    ws.repro("", 0);
    assert_eq!(ws.count("count"), 1);
    assert_eq!(ws.read("dir/a b/ü"), "1\n");
    assert!(ws.path().join("dir/empty").is_dir());
    // A link to a file counts as the file it leads to; one to nothing as itself.
    assert_eq!(ws.read("dir/link"), "1\n");
    assert_eq!(std::fs::read_link(ws.path().join("dir/dangling")).unwrap().to_str(), Some("nowhere"));
    ws.is_fresh();
}

#[test]
fn commands_of_a_list_run_one_after_the_other_until_one_fails() {
    let ws = Sandbox::of(
        "stages:\n  make:\n    wdir: sub\n    cmd:\n      - echo a > out.txt\n      - echo b >> out.txt\n      - test ! -f ../fail\n      \
         - echo c >> out.txt\n    deps: [../in.txt]\n    outs: [out.txt]\n",
    );
    ws.write("sub/x", "");
    ws.write("in.txt", "1\n");
    ws.repro("", 0);
    assert_eq!(ws.read("sub/out.txt"), "a\nb\nc\n");
    ws.write("fail", "");
    ws.write("in.txt", "2\n");
    ws.repro("", 1);
    assert_eq!(ws.read("sub/out.txt"), "a\nb\nc\n");
    ws.is_from_any_folder();
}

trait FromAnyFolder {
    fn is_from_any_folder(&self);
}

impl FromAnyFolder for Sandbox {
    /// The same pipeline is found from a folder below it.
    fn is_from_any_folder(&self) {
        self.remove("fail");
        let output = self.finish(self.command("repro out.txt").current_dir(self.path().join("sub")));
        assert_eq!(output.code, 0, "{output}");
        self.is_fresh();
    }
}

/// Each stage notes how many run beside it.
fn crowd(resources: &str) -> Sandbox {
    let stage = |name: &str| {
        format!(
            "  {name}:\n    cmd: |\n      mkdir side/in-{name}; ls side | grep -c in- >> side/seen; sleep 0.05\n      rmdir side/in-{name}; echo > {name}\n    \
             params: [x]\n    outs: [{name}]\n    resources: {{{resources}}}\n"
        )
    };
    let ws = Sandbox::of(&format!("stages:\n{}", ["a", "b", "c", "d"].map(stage).concat()));
    ws.write("params.yaml", "x: 1\n");
    ws.write("side/x", "");
    ws
}

#[test]
fn a_pool_bounds_what_runs_at_a_time() {
    let most = |ws: &Sandbox| ws.read("side/seen").lines().map(|line| line.parse::<usize>().unwrap()).max();
    let ws = crowd("net: 1");
    ws.repro("-j 4 --pool net=1", 0);
    assert_eq!(most(&ws), Some(1));
    let ws = crowd("cpu: 2");
    ws.repro("-j 2", 0);
    assert_eq!(most(&ws), Some(1));
    // More than there is runs alone.
    let ws = crowd("net: 7");
    ws.repro("-j 4 --pool net=2", 0);
    assert_eq!(most(&ws), Some(1));
}

#[test]
fn a_pool_without_a_size_is_told_before_anything_runs() {
    let ws = crowd("net: 1");
    let output = ws.repro("", 3);
    assert!(output.stderr.contains("`net`"), "{output}");
    assert!(!ws.exists("a"));
}
