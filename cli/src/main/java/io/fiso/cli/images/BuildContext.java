// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli.images;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A directory that an image is built from; gone when closed. Files are linked where that works, else copied. Everything in it can be read by
 * everyone, whatever the umask: an image's user is not the one who builds it.
 */
final class BuildContext implements AutoCloseable {
    private final Path directory;

    private BuildContext(Path directory) {
        this.directory = directory;
    }

    static BuildContext create() throws IOException {
        return new BuildContext(Files.createTempDirectory("fiso-image"));
    }

    Path directory() {
        return directory;
    }

    /** A directory in it. */
    Path directory(String name) throws IOException {
        return Files.createDirectories(directory.resolve(name));
    }

    /** Puts a file to this place. */
    void put(Path source, String name) throws IOException {
        Path target = directory.resolve(name);
        Files.createDirectories(target.getParent());
        Path file = source.toRealPath();
        if (Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
            try {
                Files.createLink(target, file);
                return;
            } catch (FileSystemException | UnsupportedOperationException _) {
                // Another file system, or one that has no links.
            }
        }
        Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
    }

    void write(String name, String text) throws IOException {
        Path target = directory.resolve(name);
        Files.createDirectories(target.getParent());
        Files.writeString(target, text);
    }

    /** A symbolic link, to a target as it is named within the image. */
    void link(String name, String target) throws IOException {
        Path link = directory.resolve(name);
        Files.createDirectories(link.getParent());
        Files.createSymbolicLink(link, Path.of(target));
    }

    /** Lets everyone read; to be called when everything is there. */
    void open() throws IOException {
        for (Path path : all()) {
            if (Files.isSymbolicLink(path)) {
                continue;
            }
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
            boolean execute = Files.isDirectory(path) || permissions.contains(PosixFilePermission.OWNER_EXECUTE);
            if (!permissions.contains(PosixFilePermission.OTHERS_READ)
                    || (execute && !permissions.contains(PosixFilePermission.OTHERS_EXECUTE))) {
                // Never a link to a file of the distribution: those could be read by everyone before.
                Files.setPosixFilePermissions(
                        path, PosixFilePermissions.fromString(execute ? "rwxr-xr-x" : "rw-r--r--"));
            }
        }
    }

    private List<Path> all() throws IOException {
        try (Stream<Path> walk = Files.walk(directory)) {
            return walk.sorted(Comparator.reverseOrder()).toList();
        }
    }

    @Override
    public void close() throws IOException {
        for (Path path : all()) {
            Files.delete(path);
        }
    }
}
