package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"
)

const (
	window     = 30 * time.Minute // in which a user has one draft in progress
	draftTTL   = 24 * time.Hour
	timeFormat = "2006-01-02T15:04:05.000Z" // of UTC, to the millisecond
)

var objectives = []string{"신규 고객 유치", "재방문 유도", "매출 증대", "인지도 향상"}

// draft is what is stored; its JSON is what is cached.
type draft struct {
	Version   int    `json:"version"`
	ID        string `json:"eventDraftId"`
	UserID    int64  `json:"userId"`
	Objective string `json:"objective"`
	StoreName string `json:"storeName"`
	Industry  string `json:"industry"`
	Address   string `json:"address"`
	Status    string `json:"status"`
	CreatedAt string `json:"createdAt"`
}

// isInProgress: a cached value may be of another user or version, or from before the window.
func (d *draft) isInProgress(userID int64, now time.Time) bool {
	created, err := time.Parse(timeFormat, d.CreatedAt)
	return err == nil && d.Version == 1 && d.UserID == userID && d.Status == "DRAFT" && now.Sub(created).Abs() < window &&
		slices.Contains(objectives, d.Objective)
}

// created is the answer's body.
type created struct {
	ID        string `json:"eventDraftId"`
	Objective string `json:"objective"`
	StoreName string `json:"storeName"`
	Status    string `json:"status"`
}

// eventPayload is the specification's payload of EventDraftCreated.
type eventPayload struct {
	ID        string `json:"eventDraftId"`
	UserID    int64  `json:"userId"`
	Objective string `json:"objective"`
	CreatedAt string `json:"createdAt"`
}

// toJSON leaves <, > and & as they are, which json.Marshal does not.
func toJSON(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimRight(text.Bytes(), "\n"), nil
}
